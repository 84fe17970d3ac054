-- @known
roles AS (SELECT unnest(ARRAY[
-- @role_names
]::text[]) AS name),
databases AS (SELECT * FROM unnest(ARRAY[
-- @database_names
]::text[], ARRAY[
-- @owner_names
]::text[]) AS listed (name, owner))
-- @show
PREPARE pgbot_plan AS
WITH
-- @ctes
SELECT format('CREATE ROLE %I LOGIN', name) AS "To do" FROM roles WHERE name <> current_user
UNION ALL
SELECT format('CREATE DATABASE %I', name) FROM databases
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
UNION ALL
SELECT format('ALTER DATABASE %I OWNER TO %I', name, owner) FROM databases WHERE owner <> '' AND owner <> current_user;
EXECUTE pgbot_plan;
PREPARE pgbot_owners AS
WITH
-- @ctes
, owners AS (SELECT DISTINCT owner FROM databases WHERE owner <> '' AND owner <> current_user)
SELECT statement FROM (
  SELECT 1 AS position, format('GRANT %I TO %I%s', owner, current_user,
    CASE WHEN has_options THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END) AS statement FROM owners, version
  UNION ALL
  SELECT 2, format('ALTER DATABASE %I OWNER TO %I', name, owner) FROM databases JOIN owners USING (owner)
  UNION ALL
  SELECT 3, format('REVOKE %I FROM %I', owner, current_user) FROM owners) AS step
ORDER BY position, statement;
-- @change
BEGIN;
-- @check
-- @create_roles
COMMIT;
-- PostgreSQL takes no transaction around a new database.
-- @create_databases
BEGIN;
EXECUTE pgbot_owners \gexec
COMMIT;
-- Passwords: psql asks for each of them and sends only its hash. One that fails can be set later.
\set ON_ERROR_STOP off
-- @set_passwords
SELECT 'Users and databases were created.' AS "Done";
