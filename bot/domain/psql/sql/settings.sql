\set ON_ERROR_STOP on
\set ON_ERROR_ROLLBACK off
\set AUTOCOMMIT on
\set QUIET on
\set SHOW_CONTEXT never
\encoding UTF8
\pset pager off
\pset format aligned
\pset tuples_only off
\pset footer off
-- A statement that waits for a lock holds up everybody behind it: better to stop and try again later.
SET lock_timeout = '10s';
-- No function or operator that a user of the database made can take the place of PostgreSQL's own.
SET search_path = pg_catalog, pg_temp;
-- Names that look alike are found by their normal form, which PostgreSQL has for UTF-8 only.
SELECT CASE getdatabaseencoding() WHEN 'UTF8' THEN 'normalize' ELSE 'concat' END AS pgbot_fold \gset
