-- @known
role AS (SELECT * FROM pg_roles WHERE rolname = :'role'::text),
heir AS (SELECT * FROM pg_roles WHERE rolname = :'heir'::text)
-- @show
-- @plan
EXECUTE pgbot_plan \gset
SELECT set_config('pgbot.problem', :'pgbot_obstacles', false) AS pgbot_problem \gset
-- @stop
SELECT coalesce(datname, '(shared)') AS "Database",
  count(*) FILTER (WHERE deptype = 'o') AS "Objects that it owns",
  count(*) FILTER (WHERE deptype <> 'o') AS "Privileges and policies",
  CASE WHEN coalesce(datname = current_database(), true) THEN 'in this run' ELSE 'in a run of its own' END AS "Handled"
FROM pg_shdepend LEFT JOIN pg_database d ON d.oid = dbid
WHERE refclassid = 'pg_authid'::regclass AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = :'role'::text)
GROUP BY datname ORDER BY datname;
SELECT format('%s as a member of %s', member::regrole, roleid::regrole) AS "Memberships that end"
FROM pg_auth_members, (SELECT oid FROM pg_roles WHERE rolname = :'role'::text) AS role
WHERE role.oid IN (roleid, member) AND member <> (SELECT oid FROM pg_roles WHERE rolname = current_user);
SELECT unnest(string_to_array(nullif(:'pgbot_objects', ''), E'\n')) AS "Objects that it owns in this database";
SELECT unnest(string_to_array(:'pgbot_plan', E'\n')) AS "To do";
-- @change
BEGIN;
-- @check
EXECUTE pgbot_plan \gset now_
SELECT set_config('pgbot.problem',
  CASE WHEN :'now_pgbot_plan' = :'pgbot_plan' AND :'now_pgbot_objects' = :'pgbot_objects' THEN ''
    ELSE 'The database has changed since this was shown. Nothing was changed. Run the script again.' END, false)
  AS pgbot_problem \gset
-- @stop
SELECT :'pgbot_plan' \gexec
COMMIT;
SELECT set_config('pgbot.problem', CASE WHEN :'pgbot_elsewhere' = '' THEN ''
  ELSE format('User %I is not deleted yet. Run this script in these databases, too: %s', :'role', :'pgbot_elsewhere')
  END, false) AS pgbot_problem \gset
-- @stop
SELECT format('User %I was deleted.', :'role') AS "Done";
