-- @known
target AS (SELECT * FROM pg_database WHERE datname = :'database'::text),
owner AS (SELECT pg_roles.* FROM pg_roles JOIN target ON datdba = pg_roles.oid)
-- @show
-- @membership
SELECT datname AS "Database", pg_get_userbyid(datdba) AS "Owner",
  CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_size_pretty(pg_database_size(oid)) END AS "Size"
FROM pg_database WHERE datname = :'database'::text;
SELECT unnest(array_remove(ARRAY[:'pgbot_lend', format('DROP DATABASE %I', :'database'), :'pgbot_take_back'], ''))
  AS "To do";
-- @change
-- @check
SELECT :'pgbot_lend' WHERE :'pgbot_lend' <> '' \gexec
\set ON_ERROR_STOP off
DROP DATABASE :"database";
\set pgbot_failed :ERROR
\set ON_ERROR_STOP on
SELECT :'pgbot_take_back' WHERE :'pgbot_take_back' <> '' \gexec
\if :pgbot_failed
SELECT set_config('pgbot.problem', 'Nothing was changed, for the reason above.', false) AS pgbot_problem \gset
\endif
-- @stop
SELECT format('Database %I was deleted.', :'database') AS "Done";
