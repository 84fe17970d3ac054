-- One query makes every statement; it only reads. What it shows is what runs.
PREPARE pgbot_plan AS
WITH version AS (SELECT current_setting('server_version_num')::int >= 160000 AS has_options),
  me AS (SELECT oid FROM pg_roles WHERE rolname = current_user),
  leaver AS (SELECT oid FROM pg_roles WHERE rolname = :'role'::text),
  heir AS (SELECT oid FROM pg_roles WHERE rolname = :'heir'::text),
  here AS (SELECT oid, datdba FROM pg_database WHERE datname = current_database()),
  mentions AS (
    SELECT dbid, classid, objid, objsubid, deptype
    FROM pg_shdepend, leaver WHERE refclassid = 'pg_authid'::regclass AND refobjid = leaver.oid),
  owned AS (
    SELECT classid, objid, objsubid FROM mentions, here WHERE deptype = 'o' AND dbid IN (0, here.oid)),
  acls (classid, objid, part, kind, owner, acl) AS (
    SELECT 'pg_class'::regclass::oid, oid, '', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
      relowner, relacl FROM pg_class
    UNION ALL SELECT 'pg_class'::regclass, c.oid, format(' (%I)', attname), 'TABLE', relowner, attacl
      FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    UNION ALL SELECT 'pg_proc'::regclass, oid, '', 'ROUTINE', proowner, proacl FROM pg_proc
    UNION ALL SELECT 'pg_type'::regclass, oid, '', 'TYPE', typowner, typacl FROM pg_type
    UNION ALL SELECT 'pg_namespace'::regclass, oid, '', 'SCHEMA', nspowner, nspacl FROM pg_namespace
    UNION ALL SELECT 'pg_language'::regclass, oid, '', 'LANGUAGE', lanowner, lanacl FROM pg_language
    UNION ALL SELECT 'pg_largeobject'::regclass, oid, '', 'LARGE OBJECT', lomowner, lomacl
      FROM pg_largeobject_metadata
    UNION ALL SELECT 'pg_foreign_server'::regclass, oid, '', 'FOREIGN SERVER', srvowner, srvacl
      FROM pg_foreign_server
    UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, '', 'FOREIGN DATA WRAPPER', fdwowner, fdwacl
      FROM pg_foreign_data_wrapper
    UNION ALL SELECT 'pg_database'::regclass, oid, '', 'DATABASE', datdba, datacl FROM pg_database
    UNION ALL SELECT 'pg_tablespace'::regclass, oid, '', 'TABLESPACE', spcowner, spcacl FROM pg_tablespace),
  grants AS (
    SELECT kind, part, owner, grantor, grantee, privilege_type, is_grantable,
      (SELECT identity FROM pg_identify_object(classid, objid, 0)) AS object
    FROM acls, leaver, aclexplode(acl)
    WHERE owner <> leaver.oid AND leaver.oid IN (grantor, grantee)),
  defaults AS (
    SELECT d.defaclrole AS owner, x.grantee, x.is_standard,
      format('ALTER DEFAULT PRIVILEGES FOR ROLE %s%s', d.defaclrole::regrole,
        ' IN SCHEMA ' || nullif(d.defaclnamespace, 0)::regnamespace) AS head,
      (SELECT word FROM (VALUES ('r', 'TABLES'), ('S', 'SEQUENCES'), ('f', 'FUNCTIONS'), ('T', 'TYPES'),
        ('n', 'SCHEMAS'), ('L', 'LARGE OBJECTS')) AS kinds (letter, word) WHERE letter = d.defaclobjtype) AS kind
    FROM pg_default_acl d, leaver, LATERAL (
      SELECT grantee, false AS is_standard FROM aclexplode(d.defaclacl)
      UNION SELECT grantee, true FROM aclexplode(acldefault(
        CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole))
      WHERE d.defaclnamespace = 0) x
    WHERE d.defaclrole = leaver.oid OR (x.grantee = leaver.oid AND NOT x.is_standard)),
  work (position, actor, statement) AS (
    -- What others have through this user they keep: the owner grants it to them first.
    SELECT 2, owner, format('GRANT %s%s ON %s %s TO %s%s', privilege_type, part, kind, object,
      CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
      CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM grants, leaver WHERE grantor = leaver.oid
    UNION
    SELECT 8, grantor, format('REVOKE ALL PRIVILEGES ON %s %s FROM %I%s', kind, object, :'role',
      CASE WHEN EXISTS (SELECT FROM grants own WHERE own.grantor = leaver.oid AND own.object = g.object
        AND own.kind = g.kind) THEN ' CASCADE' ELSE '' END)
    FROM grants g, leaver WHERE grantee = leaver.oid
    UNION
    SELECT CASE WHEN is_standard THEN 4 ELSE 3 END, owner, format('%s %s ALL ON %s %s %s', head,
      CASE WHEN is_standard THEN 'GRANT' ELSE 'REVOKE' END, kind,
      CASE WHEN is_standard THEN 'TO' ELSE 'FROM' END,
      CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END)
    FROM defaults
    UNION
    SELECT 5, relowner, CASE polroles
      WHEN ARRAY[leaver.oid] THEN format('DROP POLICY %I ON %s', polname, polrelid::regclass)
      ELSE format('ALTER POLICY %I ON %s TO %s', polname, polrelid::regclass, (
        SELECT string_agg(other::regrole::text, ', ') FROM unnest(polroles) other WHERE other <> leaver.oid)) END
    FROM pg_policy JOIN pg_class c ON c.oid = polrelid, leaver WHERE leaver.oid = ANY (polroles)
    UNION
    SELECT 6, srvowner, format('DROP USER MAPPING FOR %I SERVER %I', :'role', m.srvname)
    FROM pg_user_mappings m JOIN pg_foreign_server s ON s.oid = m.srvid, leaver WHERE umuser = leaver.oid
    UNION
    -- From PostgreSQL 16 on, a membership rests on the one who granted it.
    SELECT 9, me.oid, format('GRANT %1$s TO %2$s WITH ADMIN %3$s, INHERIT %4$s, SET %5$s; '
      'REVOKE %1$s FROM %2$s GRANTED BY %6$I', m.roleid::regrole, m.member::regrole, m.admin_option::text,
      to_jsonb(m) ->> 'inherit_option', to_jsonb(m) ->> 'set_option', :'role')
    FROM pg_auth_members m, version, me, leaver WHERE has_options AND m.grantor = leaver.oid
    UNION
-- @objects
  ),
  acts AS (
    SELECT position, statement,
      CASE actor WHEN 'pg_database_owner'::regrole THEN here.datdba ELSE actor END AS actor
    FROM work, here),
  -- Memberships that the statements need. They last until the end of the transaction.
  needed (role, member) AS (
    SELECT actor, me.oid FROM acts, me
    UNION SELECT leaver.oid, me.oid FROM leaver, me
    UNION SELECT heir.oid, me.oid FROM heir, me
    UNION SELECT leaver.oid, heir.oid FROM leaver, heir
    UNION SELECT here.datdba, taker.oid
      FROM owned JOIN (SELECT 'pg_namespace'::regclass, oid FROM me UNION ALL SELECT 'pg_publication'::regclass, oid
        FROM heir) AS taker (classid, oid) USING (classid), here
      WHERE NOT has_database_privilege(taker.oid, here.oid, 'CREATE')
    UNION SELECT CASE nspowner WHEN 'pg_database_owner'::regrole THEN here.datdba ELSE nspowner END, heir.oid
      FROM owned, here, heir, pg_identify_object(classid, objid, objsubid) i JOIN pg_namespace n ON nspname = i.schema
      WHERE NOT has_schema_privilege(heir.oid, n.oid, 'CREATE')),
  lent AS (
    SELECT role, n.member, to_jsonb(own) AS own
    FROM needed n CROSS JOIN version CROSS JOIN me
    LEFT JOIN pg_auth_members own
      ON has_options AND own.roleid = role AND own.member = n.member AND own.grantor = me.oid
    WHERE role <> n.member AND NOT (pg_has_role(n.member, role, 'USAGE')
      AND CASE WHEN has_options THEN pg_has_role(n.member, role, 'SET') ELSE true END)),
  steps AS (
    SELECT 1 AS position, format('GRANT %s TO %s%s', role::regrole, member::regrole,
      CASE WHEN has_options THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END) AS statement FROM lent, version
    UNION ALL
    SELECT position, CASE actor WHEN me.oid THEN statement
      ELSE format('SET LOCAL ROLE %s; %s; RESET ROLE', actor::regrole, statement) END FROM acts, me
    UNION ALL
    SELECT 11, CASE WHEN own IS NULL THEN format('REVOKE %s FROM %s', role::regrole, member::regrole)
      ELSE format('GRANT %s TO %s WITH INHERIT %s, SET %s', role::regrole, member::regrole,
        own ->> 'inherit_option', own ->> 'set_option') END FROM lent
    UNION ALL
    SELECT 12, format('DROP ROLE %I', :'role')
    WHERE NOT EXISTS (SELECT FROM mentions, here WHERE dbid NOT IN (0, here.oid)))
SELECT
  string_agg(statement || ';', E'\n' ORDER BY position, statement) AS pgbot_plan,
  (SELECT coalesce(string_agg(format('%s %s', type, identity), E'\n' ORDER BY type, identity), '')
    FROM owned, pg_identify_object(classid, objid, objsubid)) AS pgbot_objects,
  (SELECT coalesce(string_agg(DISTINCT quote_ident(datname), ', '), '')
    FROM here, mentions JOIN pg_database d ON d.oid = dbid WHERE dbid <> here.oid) AS pgbot_elsewhere,
  (SELECT coalesce(string_agg(DISTINCT format('To do this, %s has to act as %s, which it may not: %s.',
      member::regrole, role::regrole, CASE WHEN rolsuper THEN 'that is a superuser'
        WHEN pg_has_role(role, member, 'MEMBER') THEN 'that is its member'
        ELSE 'the ADMIN OPTION is missing' END), E'\n'), '')
    FROM lent JOIN pg_roles r ON r.oid = role, version, me
    WHERE rolsuper OR pg_has_role(role, member, 'MEMBER')
      OR has_options AND NOT pg_has_role(me.oid, role, 'USAGE WITH ADMIN OPTION')) AS pgbot_obstacles
FROM steps;
