-- @known
role AS (SELECT * FROM pg_roles WHERE rolname = :'role'::text)
-- @show
SELECT format('ALTER ROLE %I, with the password that you type', :'role') AS "To do";
-- @change
BEGIN;
-- @check
\password :"role"
COMMIT;
SELECT format('The password of %I was set.', :'role') AS "Done";
