-- @known
role AS (SELECT * FROM pg_roles WHERE rolname = :'role'::text)
-- @show
SELECT format('CREATE ROLE %I LOGIN, with the password that you type', :'role') AS "To do";
-- @change
BEGIN;
-- @check
CREATE ROLE :"role" LOGIN;
\password :"role"
COMMIT;
SELECT format('User %I was created.', :'role') AS "Done";
