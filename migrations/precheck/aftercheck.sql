-- Take stock of a database, on the source and on the target of a move: what is in it, and how much.
--
--     psql -XqAt -d DATABASE -f aftercheck.sql > DATABASE.json
--
-- "pgbot precheck --compare SOURCE.json TARGET.json" lists what differs. Let nothing write between the two runs,
-- or the rows differ because of that.
--
-- One run reads the database that it is connected to, and what the whole server has in common, as the cluster's
-- primary user, on PostgreSQL 12 to 18, in a transaction that only reads. Each part is a list of keys and values.
-- Tables are counted from the smallest to the largest until the time limit; the others get an estimate. What is
-- refused is listed under "unread" with the reason. There is no psql in it: a driver can send it as it is; the
-- last result that has rows is the document.

BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL statement_timeout = '60s';
SET LOCAL lock_timeout = '2s';
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_encoding = 'UTF8';
SET LOCAL timezone = 'UTC';
-- The id of the cluster, so that readiness knows which one this is about.
SET LOCAL pgbot.cluster = '';
-- A table whose rows a policy would hide is refused rather than counted in part.
SET LOCAL row_security = off;

DO $pgbot$
DECLARE
  -- Roles that are the platform's and not the customer's, so that they differ between two clusters.
  platform CONSTANT text := $q$(r.rolsuper OR r.rolreplication OR r.rolname ~ '^pg_')$q$;
  -- Schemas that hold what the customer made.
  own CONSTANT text := $q$n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'$q$;
  -- Each part: whether it concerns the server or this database, its name, and its query of keys and values.
  parts CONSTANT text[] := ARRAY[
    ['server', 'databases', $q$
      SELECT quote_ident(datname) AS key,
             format('owner %s, encoding %s, collate %s, ctype %s, connection limit %s', pg_get_userbyid(datdba),
                    pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit) AS value
      FROM pg_database WHERE NOT datistemplate
    $q$],
    ['server', 'database_grants', $q$
      SELECT quote_ident(d.datname) || ' to ' || coalesce(quote_ident(g.rolname), 'PUBLIC') AS key,
             string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ', '
                        ORDER BY a.privilege_type) AS value
      FROM pg_database d
      CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
      LEFT JOIN pg_roles g ON g.oid = a.grantee
      WHERE NOT d.datistemplate AND a.grantee <> d.datdba
      GROUP BY 1
    $q$],
    ['server', 'roles', format($q$
      SELECT quote_ident(r.rolname) AS key,
             concat_ws(', ', CASE WHEN r.rolcanlogin THEN 'login' ELSE 'no login' END,
                       CASE WHEN r.rolcreatedb THEN 'createdb' END, CASE WHEN r.rolcreaterole THEN 'createrole' END,
                       CASE WHEN NOT r.rolinherit THEN 'noinherit' END,
                       CASE WHEN r.rolbypassrls THEN 'bypassrls' END,
                       CASE WHEN r.rolconnlimit >= 0 THEN 'connection limit ' || r.rolconnlimit END,
                       'valid until ' || r.rolvaliduntil) AS value
      FROM pg_roles r WHERE NOT %s
    $q$, platform)],
    ['server', 'memberships', format($q$
      SELECT quote_ident(r.rolname) || ' in ' || quote_ident(g.rolname) AS key,
             CASE WHEN bool_or(m.admin_option) THEN 'with admin option' ELSE 'member' END AS value
      FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
      WHERE NOT %s
      -- From PostgreSQL 16 on the role that makes another one becomes a member that inherits nothing.
        AND coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
      GROUP BY 1
    $q$, platform)],
    ['server', 'database_and_role_settings', format($q$
      SELECT format('%%s of role %%s in database %%s', split_part(given, '=', 1),
                    coalesce(quote_ident(r.rolname), 'any'), coalesce(quote_ident(d.datname), 'any')) AS key,
             CASE WHEN split_part(given, '=', 1) ~ '[.]|conninfo|command|secret|passw|passphrase|_key|token'
                  THEN 'not shown, fingerprint ' || left(md5(given), 6)
                  ELSE left(substr(given, strpos(given, '=') + 1), 300) END AS value
      FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS given
      LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole
      WHERE r.oid IS NULL OR NOT %s
    $q$, platform)],
    ['server', 'server_settings', $q$
      SELECT name AS key, coalesce(setting, '') || coalesce(' ' || unit, '') AS value FROM pg_settings
      WHERE name IN ('DateStyle', 'IntervalStyle', 'bytea_output', 'default_transaction_isolation',
                     'default_transaction_read_only', 'extra_float_digits', 'idle_in_transaction_session_timeout',
                     'lc_messages', 'lc_monetary', 'lc_numeric', 'lc_time', 'log_min_duration_statement',
                     'maintenance_work_mem', 'max_connections', 'max_prepared_transactions',
                     'password_encryption', 'server_encoding', 'wal_level', 'work_mem', 'xmloption',
                     'default_text_search_config', 'standard_conforming_strings')
      UNION ALL
      SELECT name, coalesce(reset_val, '') || coalesce(' ' || unit, '') FROM pg_settings
      WHERE name IN ('TimeZone', 'search_path', 'statement_timeout', 'lock_timeout')
    $q$],
    ['database', 'extensions', $q$
      SELECT quote_ident(extname) AS key, extversion AS value FROM pg_extension
    $q$],
    ['database', 'owners', format($q$
      SELECT kind || ' ' || name AS key, pg_get_userbyid(owner) AS value FROM (
        SELECT 'schema' AS kind, quote_ident(n.nspname) AS name, n.nspowner AS owner
        FROM pg_namespace n WHERE %1$s
        UNION ALL
        SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                              WHEN 'f' THEN 'foreign table' ELSE 'table' END,
               format('%%I.%%I', n.nspname, c.relname), c.relowner
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND %1$s
        UNION ALL
        SELECT CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END,
               format('%%I.%%I(%%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), p.proowner
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE %1$s
        UNION ALL
        SELECT 'type', format('%%I.%%I', n.nspname, t.typname), t.typowner
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE %1$s AND t.typtype IN ('d', 'e', 'r', 'c')
          AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')
      ) AS owned
    $q$, own)],
    ['database', 'grants', format($q$
      SELECT g.kind || ' ' || g.name || ' to ' || coalesce(quote_ident(r.rolname), 'PUBLIC') AS key,
             string_agg(DISTINCT a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ', ') AS value
      FROM (
        SELECT 'schema' AS kind, quote_ident(n.nspname) AS name, n.nspowner AS owner, n.nspacl AS acl
        FROM pg_namespace n WHERE %1$s
        UNION ALL
        SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, format('%%I.%%I', n.nspname, c.relname),
               c.relowner, c.relacl
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relacl IS NOT NULL AND %1$s
        UNION ALL
        SELECT 'column', format('%%I.%%I.%%I', n.nspname, c.relname, k.attname), c.relowner, k.attacl
        FROM pg_attribute k JOIN pg_class c ON c.oid = k.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE k.attacl IS NOT NULL AND %1$s
        UNION ALL
        SELECT 'function', format('%%I.%%I(%%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
               p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE %1$s
        UNION ALL
        SELECT 'type', format('%%I.%%I', n.nspname, t.typname), t.typowner, t.typacl
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typacl IS NOT NULL AND %1$s
        UNION ALL
        SELECT 'default of ' || quote_ident(pg_get_userbyid(d.defaclrole)) || ' for ' ||
               CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                    WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE d.defaclobjtype::text END,
               coalesce('in ' || quote_ident(n.nspname), 'in any schema'), d.defaclrole, d.defaclacl
        FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
      ) AS g
      CROSS JOIN LATERAL aclexplode(g.acl) AS a
      LEFT JOIN pg_roles r ON r.oid = a.grantee
      -- What the owner may do is left out: PostgreSQL 17 has a privilege more, and every owner has them all.
      WHERE a.grantee <> g.owner
      GROUP BY 1
    $q$, own)],
    ['database', 'validity', format($q$
      SELECT format('index %%I.%%I', n.nspname, c.relname) AS key,
             CASE WHEN i.indisvalid AND i.indisready THEN 'valid' ELSE 'not valid' END AS value
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE %1$s
      UNION ALL
      SELECT format('constraint %%I on %%I.%%I', k.conname, n.nspname, coalesce(t.relname, d.typname)),
             CASE WHEN k.convalidated THEN 'valid' ELSE 'not valid' END
      FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
      LEFT JOIN pg_class t ON t.oid = k.conrelid LEFT JOIN pg_type d ON d.oid = k.contypid
      -- NOT NULL is a constraint of its own from PostgreSQL 18 on.
      WHERE k.contype NOT IN ('n', 't') AND %1$s
      UNION ALL
      SELECT format('trigger %%I on %%I.%%I', g.tgname, n.nspname, t.relname),
             CASE g.tgenabled WHEN 'D' THEN 'off' WHEN 'R' THEN 'on a replica' WHEN 'A' THEN 'always' ELSE 'on' END
      FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE NOT g.tgisinternal AND %1$s
      UNION ALL
      SELECT 'event trigger ' || quote_ident(evtname), CASE evtenabled WHEN 'D' THEN 'off' ELSE 'on' END
      FROM pg_event_trigger
    $q$, own)],
    ['database', 'columns', format($q$
      SELECT format('%%I.%%I', n.nspname, c.relname) AS key,
             format('%%s columns, fingerprint %%s', count(*), left(md5(string_agg(format('%%I %%s %%s', a.attname,
               format_type(a.atttypid, a.atttypmod), a.attnotnull), ',' ORDER BY a.attname)), 8)) AS value
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND %1$s
      GROUP BY 1
    $q$, own)],
    ['database', 'publications', $q$
      SELECT quote_ident(p.pubname) AS key,
             CASE WHEN p.puballtables THEN 'all tables' ELSE (SELECT count(*) FROM pg_publication_rel r
               WHERE r.prpubid = p.oid) || ' tables' END AS value
      FROM pg_publication p
    $q$],
    ['database', 'large_objects', $q$
      SELECT 'number' AS key, count(*)::text AS value FROM pg_largeobject_metadata
    $q$]
  ];
  part text[];
  item record;
  result jsonb;
  reason text;
  number bigint;
  state text;
  out_of_time boolean := false;
  of_server jsonb := '{}';
  of_database jsonb := '{}';
  keys text[];
  vals text[];
  estimate_keys text[];
  estimate_vals text[];
  unread jsonb[] := '{}';
  here CONSTANT text := current_database();
  system_id text;
BEGIN
  FOREACH part SLICE 1 IN ARRAY parts LOOP
    reason := CASE WHEN out_of_time THEN 'the time limit was reached before this part' END;
    IF reason IS NULL THEN
      BEGIN
        EXECUTE 'SELECT coalesce(jsonb_object_agg(key, coalesce(value, '''')), ''{}'') FROM (' || part[3]
                || ') AS each' INTO result;
        IF part[1] = 'server' THEN
          of_server := of_server || jsonb_build_object(part[2], result);
        ELSE
          of_database := of_database || jsonb_build_object(part[2], result);
        END IF;
      EXCEPTION
        WHEN query_canceled THEN
          reason := 'the time limit was reached in this part';
          out_of_time := true;
        WHEN OTHERS THEN
          reason := left(SQLERRM, 300);
      END;
    END IF;
    IF reason IS NOT NULL THEN
      unread := unread || jsonb_build_object(
        'database', CASE part[1] WHEN 'database' THEN here END, 'part', part[2], 'why', reason);
    END IF;
  END LOOP;

  -- Each sequence and each table is read in a block that ends with an error of our own: that takes the lock back,
  -- which would else be kept to the end, and the table of locks has a few thousand places.
  FOR item IN
    SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
    ORDER BY n.nspname, c.relname
  LOOP
    reason := CASE WHEN out_of_time THEN 'the time limit was reached before this sequence' END;
    IF reason IS NULL THEN
      BEGIN
        EXECUTE 'SELECT CASE WHEN is_called THEN last_value::text ELSE ''next is '' || last_value END FROM '
                || item.name INTO state;
        RAISE EXCEPTION USING ERRCODE = 'PB001';
      EXCEPTION
        WHEN SQLSTATE 'PB001' THEN
          keys := array_append(keys, item.name);
          vals := array_append(vals, state);
        WHEN query_canceled THEN
          out_of_time := true;
          reason := 'the time limit was reached in this sequence';
        WHEN OTHERS THEN reason := left(SQLERRM, 300);
      END;
    END IF;
    IF reason IS NOT NULL THEN
      unread := unread || jsonb_build_object('database', here, 'part', 'sequences', 'why',
                                             item.name || ': ' || reason);
    END IF;
  END LOOP;
  of_database := of_database || jsonb_build_object('sequences', coalesce(jsonb_object(keys, vals), '{}'));

  keys := NULL;
  vals := NULL;
  FOR item IN
    SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, c.reltuples::bigint AS estimate
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
      AND n.nspname <> 'information_schema'
    ORDER BY c.relpages, n.nspname, c.relname
  LOOP
    reason := NULL;
    IF NOT out_of_time THEN
      BEGIN
        EXECUTE 'SELECT count(*) FROM ONLY ' || item.name INTO number;
        RAISE EXCEPTION USING ERRCODE = 'PB001';
      EXCEPTION
        WHEN SQLSTATE 'PB001' THEN
          keys := array_append(keys, item.name);
          vals := array_append(vals, number::text);
        WHEN query_canceled THEN out_of_time := true;
        WHEN OTHERS THEN reason := left(SQLERRM, 300);
      END;
    END IF;
    IF reason IS NOT NULL THEN
      unread := unread || jsonb_build_object('database', here, 'part', 'rows', 'why', item.name || ': ' || reason);
    ELSIF out_of_time THEN
      estimate_keys := array_append(estimate_keys, item.name);
      estimate_vals := array_append(estimate_vals, CASE WHEN item.estimate < 0 THEN 'never analyzed'
                                                        ELSE item.estimate::text END);
    END IF;
  END LOOP;
  of_database := of_database || jsonb_build_object('rows', coalesce(jsonb_object(keys, vals), '{}'));
  IF estimate_keys IS NOT NULL THEN
    of_database := of_database || jsonb_build_object('estimated_rows', jsonb_object(estimate_keys, estimate_vals));
    unread := unread || jsonb_build_object('database', here, 'part', 'rows', 'why', format(
      'the time limit was reached: of %s tables there is only an estimate', array_length(estimate_keys, 1)));
  END IF;

  BEGIN
    system_id := (SELECT system_identifier FROM pg_control_system());
  EXCEPTION WHEN OTHERS THEN system_id := NULL;
  END;
  PERFORM set_config('pgbot.document', jsonb_build_object(
    '$schema', 'urn:ionos-pg-chatops:aftercheck:1',
    'read_at', to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'cluster', nullif(current_setting('pgbot.cluster', true), ''),
    'host', NULL,
    'server', jsonb_build_object(
      'version', current_setting('server_version'),
      'major', current_setting('server_version_num')::int / 10000, 'system_identifier', system_id,
      'in_recovery', pg_is_in_recovery(), 'role', current_user,
      'databases', (
        SELECT jsonb_agg(jsonb_build_object('name', datname, 'takes_connections', datallowconn) ORDER BY datname)
        FROM pg_database WHERE NOT datistemplate),
      'is_superuser', current_setting('is_superuser') = 'on'),
    'parts', of_server,
    'databases', jsonb_build_array(jsonb_build_object('name', here, 'parts', of_database)),
    'unread', to_jsonb(unread[:1000]) || CASE WHEN array_length(unread, 1) > 1000 THEN jsonb_build_array(
      jsonb_build_object('database', here, 'part', 'rows', 'why', format(
        'and %s further tables or sequences', array_length(unread, 1) - 1000))) ELSE '[]' END)::text, true);
END
$pgbot$;

SELECT current_setting('pgbot.document');
ROLLBACK;
