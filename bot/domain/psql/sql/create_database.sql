-- @known
owner AS (SELECT * FROM pg_roles WHERE rolname = :'owner'::text)
-- @show
-- @membership
SELECT unnest(array_remove(ARRAY[:'pgbot_lend', format('CREATE DATABASE %I OWNER %I', :'database', :'owner'),
  :'pgbot_take_back'], '')) AS "To do";
-- @change
-- @check
SELECT :'pgbot_lend' WHERE :'pgbot_lend' <> '' \gexec
\set ON_ERROR_STOP off
CREATE DATABASE :"database" OWNER :"owner";
\set pgbot_failed :ERROR
\set ON_ERROR_STOP on
SELECT :'pgbot_take_back' WHERE :'pgbot_take_back' <> '' \gexec
\if :pgbot_failed
SELECT set_config('pgbot.problem', 'Nothing was changed, for the reason above.', false) AS pgbot_problem \gset
\endif
-- @stop
SELECT format('Database %I was created.', :'database') AS "Done";
