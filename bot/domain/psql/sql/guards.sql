-- Reasons for which a script stops before it changes anything. bot/domain/psql/psql_script.py reads this file: each
-- begins with its name and, in words for people, what it stops at; then come its condition and its message.
-- {} stands for the variable or common table expression that a script uses it for.

-- version: the server is older than PostgreSQL 14 or newer than 18
current_setting('server_version_num')::int / 10000 NOT BETWEEN 14 AND 18,
format('This script is for PostgreSQL 14 to 18, and this server is %s.', current_setting('server_version'))

-- standby: the server is a standby
pg_is_in_recovery(),
'This server is a standby, which takes no changes. Connect to the primary.'

-- login: you are not connected as the primary user
session_user <> current_user OR :'primary'::text NOT IN ('', session_user),
format('You are connected as %I. Connect as the primary user%s.', current_user,
  coalesce(' ' || quote_ident(nullif(:'primary', '')), ''))

-- createrole: you are connected as a user without CREATEROLE
(SELECT NOT (rolcreaterole OR rolsuper) FROM me),
format('%I may not manage users: it lacks CREATEROLE. Connect as the primary user.', current_user)

-- createdb: you are connected as a user without CREATEDB
(SELECT NOT (rolcreatedb OR rolsuper) FROM me),
format('%I may not create databases: it lacks CREATEDB. Connect as the primary user.', current_user)

-- encoding: a name has letters beyond ASCII and the database is not in UTF-8
getdatabaseencoding() <> 'UTF8' AND octet_length(convert_to(:'{}', 'UTF8')) <> length(:'{}'),
format('The database %I is in %s, where names beyond ASCII can be read wrongly. Connect to another database.',
  current_database(), getdatabaseencoding())

-- length: a name has more bytes than the server keeps
octet_length(:'{}') > current_setting('max_identifier_length')::int,
format('The name has %s bytes, and PostgreSQL keeps %s of them.', octet_length(:'{}'),
  current_setting('max_identifier_length'))

-- no role: there is no such {}
NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'{}'::text),
format('There is no user %I (bytes %s).%s', :'{}', encode(convert_to(:'{}'::text, 'UTF8'), 'hex'),
  (SELECT ' Similar: ' || string_agg(format('%I (bytes %s)', rolname, encode(convert_to(rolname::text, 'UTF8'), 'hex')), ', '
      ORDER BY rolname)
    FROM pg_roles WHERE :pgbot_fold(lower(rolname::text)) = :pgbot_fold(lower(:'{}'::text))))

-- system role: the {} is a system role
(SELECT rolsuper OR oid < 16384 OR rolname LIKE 'pg\_%' OR rolname IN ('postgres', 'admin', 'standby') FROM {}),
(SELECT format('%I is a system role, which belongs to the platform.', rolname) FROM {})

-- act as: you may not act as the {}
(SELECT {}.oid <> me.oid AND (pg_has_role({}.oid, me.oid, 'MEMBER')
  OR has_options AND NOT pg_has_role(me.oid, {}.oid, 'USAGE WITH ADMIN OPTION')) FROM {}, me, version),
(SELECT CASE WHEN pg_has_role({}.oid, me.oid, 'MEMBER')
  THEN format('%1$I is a member of %2$I. First run: REVOKE %2$I FROM %1$I', {}.rolname, me.rolname)
  ELSE format('%2$I lacks the ADMIN OPTION for %1$I. Someone who has it can run: GRANT %1$I TO %2$I WITH ADMIN OPTION',
    {}.rolname, me.rolname) END FROM {}, me)

-- reserved: the name is reserved
lower(:'role') IN ('postgres', 'admin', 'standby', 'public', 'none') OR :'role' LIKE 'pg\_%',
format('The name %I is reserved.', :'role')

-- role exists: a user of that name exists
EXISTS (SELECT FROM role),
format('There is a user %I already.', :'role')

-- primary: the user is the primary user or the one that you are connected as
(SELECT rolname IN (session_user, current_user, :'primary') OR :'primary'::text = '' AND rolcreaterole FROM role),
format('%I is the primary user, or may be: it is the one that you are connected as, or has CREATEROLE. '
  'The primary user belongs to the cluster and stays.', :'role')

-- role sessions: sessions of the user are open
EXISTS (SELECT FROM pg_stat_activity JOIN role ON usesysid = role.oid),
(SELECT format('%s of %I open: process %s. Stop what connects as it, or run: SELECT pg_terminate_backend(PROCESS)',
  CASE count(*) WHEN 1 THEN '1 session is' ELSE count(*) || ' sessions are' END, :'role', string_agg(pid::text, ', '))
  FROM pg_stat_activity JOIN role ON usesysid = role.oid)

-- role prepared: a prepared transaction of the user is open
EXISTS (SELECT FROM pg_prepared_xacts JOIN role ON owner = rolname),
(SELECT format('A prepared transaction of %I is open: %s. Commit it or roll it back first.', :'role',
  string_agg(quote_literal(gid), ', ')) FROM pg_prepared_xacts JOIN role ON owner = rolname)

-- same heir: the new owner is the user to delete
:'heir' = :'role',
format('%I cannot become the owner of what it owns itself.', :'role')

-- definer: a function of the user would run with the rights of a user that has CREATEROLE or CREATEDB
(SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM heir)
  AND EXISTS (SELECT FROM pg_proc JOIN role ON proowner = role.oid WHERE prosecdef),
(SELECT format('These functions of %I run with the rights of their owner, who would be %I: %s. Make them SECURITY '
    'INVOKER, drop them, or give them to a user with fewer rights first.', :'role', :'heir',
    string_agg(pg_proc.oid::regprocedure::text, ', ' ORDER BY pg_proc.oid::regprocedure::text))
  FROM pg_proc JOIN role ON proowner = role.oid WHERE prosecdef)

-- partitions: partitions of others would be dropped with tables of the user
EXISTS (SELECT FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid JOIN pg_class p ON p.oid = inhparent, role
  WHERE c.relispartition AND p.relowner = role.oid AND c.relowner <> role.oid),
(SELECT format('Partitions of others would be dropped with tables of %I: %s. Detach them first.', :'role',
    string_agg(c.oid::regclass::text, ', '))
  FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid JOIN pg_class p ON p.oid = inhparent, role
  WHERE c.relispartition AND p.relowner = role.oid AND c.relowner <> role.oid)

-- database exists: a database of that name exists
EXISTS (SELECT FROM pg_database WHERE datname = :'database'::text),
format('There is a database %I already.', :'database')

-- no database: there is no such database
NOT EXISTS (SELECT FROM target),
format('There is no database %I (bytes %s).%s', :'database', encode(convert_to(:'database'::text, 'UTF8'), 'hex'),
  (SELECT ' Similar: ' || string_agg(format('%I (bytes %s)', datname, encode(convert_to(datname::text, 'UTF8'), 'hex')), ', '
      ORDER BY datname)
    FROM pg_database WHERE :pgbot_fold(lower(datname::text)) = :pgbot_fold(lower(:'database'::text))))

-- current database: you are connected to the database to delete
current_database() = :'database'::text,
'You are connected to the database to delete. Connect to another one, such as postgres.'

-- system database: the database is a template or PostgreSQL's own
(SELECT oid < 16384 OR datistemplate FROM target),
format('%I is a template or PostgreSQL''s own.', :'database')

-- database sessions: sessions in the database are open
EXISTS (SELECT FROM pg_stat_activity JOIN target ON datid = target.oid WHERE usesysid IS NOT NULL),
(SELECT format('%s in %I open, of %s. Stop what connects to it.',
  CASE count(*) WHEN 1 THEN '1 session is' ELSE count(*) || ' sessions are' END, :'database',
  string_agg(DISTINCT quote_ident(usename), ', '))
  FROM pg_stat_activity JOIN target ON datid = target.oid WHERE usesysid IS NOT NULL)

-- database in use: the database has a prepared transaction, a replication slot or a subscription
EXISTS (SELECT FROM pg_prepared_xacts WHERE database = :'database'::text)
  OR EXISTS (SELECT FROM pg_replication_slots WHERE database = :'database'::text)
  OR EXISTS (SELECT FROM pg_subscription JOIN target ON subdbid = target.oid),
format('%I has a prepared transaction, a replication slot or a subscription. End it first.', :'database')

-- roles exist: a user that the script creates exists
EXISTS (SELECT FROM roles JOIN pg_roles ON rolname = name WHERE name <> current_user),
(SELECT format('Users of these names exist: %s. This script is for a new cluster.',
  string_agg(quote_ident(name), ', ')) FROM roles JOIN pg_roles ON rolname = name WHERE name <> current_user)

-- databases exist: a database that the script creates exists
(SELECT count(*) FROM databases JOIN pg_database ON datname = name WHERE name <> :'initial')
  > CASE :'initial' WHEN '' THEN 1 ELSE 0 END,
(SELECT format('Databases of these names exist: %s. This script is for a new cluster.',
  string_agg(quote_ident(name), ', ')) FROM databases JOIN pg_database ON datname = name WHERE name <> :'initial')
