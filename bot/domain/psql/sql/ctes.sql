version AS (SELECT current_setting('server_version_num')::int >= 160000 AS has_options),
me AS (SELECT * FROM pg_roles WHERE rolname = current_user),
-- @known
