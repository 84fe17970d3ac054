-- Check a database before a move or a major upgrade: it reads the catalogs and prints one JSON document.
--
--     psql -XqAt -d DATABASE -f precheck.sql > DATABASE.json
--
-- One run reads the database that it is connected to, and what the whole server has in common. Run it on every
-- database, or let "pgbot precheck" do that; readiness joins the documents of one server.
--
-- It runs as the cluster's primary user, on PostgreSQL 12 to 18, in a transaction that only reads. Each part is
-- read by itself: one that is refused or takes too long is listed under "unread" with the reason, so that
-- nothing unread looks empty. There is no psql in it: a driver can send it as it is; the last result that has
-- rows is the document.

BEGIN TRANSACTION READ ONLY;
SET LOCAL statement_timeout = '60s';
SET LOCAL lock_timeout = '2s';
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_encoding = 'UTF8';
SET LOCAL timezone = 'UTC';
-- The id of the cluster, so that readiness knows which one this is about.
SET LOCAL pgbot.cluster = '';
SET LOCAL jit = off;

DO $pgbot$
DECLARE
  major CONSTANT int := current_setting('server_version_num')::int / 10000;
  -- Names and values that may be secrets: of these only the name is shown.
  secret CONSTANT text := $q$'[.]|conninfo|command|secret|passw|passphrase|_key|token'$q$;
  -- Each part: whether it concerns the server or this database, its name, and its query.
  parts CONSTANT text[] := ARRAY[
    ['server', 'databases', $q$
      SELECT d.datname AS name, pg_get_userbyid(d.datdba) AS owner, d.datallowconn AS takes_connections,
             pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
             coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') AS locale_provider
      FROM pg_database d WHERE NOT d.datistemplate ORDER BY d.datname
    $q$],
    ['server', 'available_extensions', $q$
      SELECT name, default_version FROM pg_available_extensions ORDER BY name
    $q$],
    ['server', 'preloaded_libraries', $q$
      SELECT name AS setting, left(current_setting(name), 500) AS value
      FROM unnest(ARRAY['shared_preload_libraries', 'session_preload_libraries',
                        'local_preload_libraries']) AS name
      WHERE current_setting(name) <> '' ORDER BY name
    $q$],
    ['server', 'logical_slots', $q$
      SELECT slot_name AS name, plugin, database, active, to_jsonb(s) ->> 'wal_status' AS wal_status
      FROM pg_replication_slots s WHERE slot_type = 'logical' ORDER BY slot_name
    $q$],
    ['server', 'subscriptions', $q$
      SELECT s.subname AS name, d.datname AS database, s.subenabled AS enabled,
             pg_get_userbyid(s.subowner) AS owner
      FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid ORDER BY d.datname, s.subname
    $q$],
    ['server', 'prepared_transactions', $q$
      SELECT gid AS name, database, owner, prepared FROM pg_prepared_xacts ORDER BY prepared, gid
    $q$],
    ['server', 'md5_passwords', $q$
      SELECT rolname AS name FROM pg_authid WHERE rolpassword LIKE 'md5%' ORDER BY rolname
    $q$],
    ['server', 'tablespaces', $q$
      SELECT spcname AS name, pg_get_userbyid(spcowner) AS owner FROM pg_tablespace
      WHERE spcname NOT IN ('pg_default', 'pg_global') ORDER BY spcname
    $q$],
    ['server', 'database_and_role_settings', format($q$
      SELECT d.datname AS database, r.rolname AS role, split_part(given, '=', 1) AS name,
             CASE WHEN split_part(given, '=', 1) ~ %s THEN NULL
                  ELSE left(substr(given, strpos(given, '=') + 1), 200) END AS value
      FROM pg_db_role_setting s
      CROSS JOIN LATERAL unnest(s.setconfig) AS given
      LEFT JOIN pg_database d ON d.oid = s.setdatabase
      LEFT JOIN pg_roles r ON r.oid = s.setrole
      ORDER BY d.datname, r.rolname, name
    $q$, secret)],
    ['server', 'server_settings', format($q$
      SELECT name, source, unit, CASE WHEN name ~ %s THEN NULL ELSE left(setting, 200) END AS value
      FROM pg_settings WHERE source NOT IN ('default', 'override', 'client', 'session', 'database', 'user')
      ORDER BY name
    $q$, secret)],
    ['server', 'long_transactions', $q$
      SELECT pid, usename AS role, datname AS database, state, xact_start AS began
      FROM pg_stat_activity
      WHERE xact_start < clock_timestamp() - interval '1 hour' AND backend_type = 'client backend'
      ORDER BY xact_start, pid
    $q$],
    ['database', 'summary', $q$
      SELECT count(*) FILTER (WHERE relkind = 'r') AS tables,
             count(*) FILTER (WHERE relkind = 'i') AS indexes,
             sum(greatest(reltuples, 0)) FILTER (WHERE relkind = 'r')::bigint AS estimated_rows,
             -- Before PostgreSQL 14 no rows and no pages were the sign.
             count(*) FILTER (WHERE relkind = 'r' AND (reltuples < 0 OR (reltuples = 0 AND relpages = 0
               AND current_setting('server_version_num')::int < 140000))) AS tables_never_analyzed,
             sum(relpages::bigint * current_setting('block_size')::int)::bigint AS estimated_bytes
      FROM pg_class WHERE relkind IN ('r', 'i', 'm', 't') AND oid >= 16384
    $q$],
    ['database', 'largest_tables', $q$
      SELECT n.nspname AS schema, c.relname AS name,
             CASE WHEN c.reltuples > 0 OR (c.reltuples = 0 AND c.relpages > 0) THEN c.reltuples::bigint END
               AS estimated_rows,
             c.relpages::bigint * current_setting('block_size')::int AS estimated_bytes
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384 AND n.nspname !~ '^pg_'
      ORDER BY c.relpages DESC, n.nspname, c.relname
    $q$],
    ['database', 'extensions', $q$
      SELECT e.extname AS name, e.extversion AS version, n.nspname AS schema, a.default_version
      FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      LEFT JOIN pg_available_extensions a ON a.name = e.extname
      ORDER BY e.extname
    $q$],
    ['database', 'publications', $q$
      SELECT pubname AS name, pg_get_userbyid(pubowner) AS owner, puballtables AS all_tables
      FROM pg_publication ORDER BY pubname
    $q$],
    ['database', 'refused_types', format($q$
      WITH RECURSIVE refused (name, refused_from) AS (
        VALUES ('regcollation', 0), ('regconfig', 0), ('regdictionary', 0), ('regnamespace', 0), ('regoper', 0),
               ('regoperator', 0), ('regproc', 0), ('regprocedure', 0), ('line', 9), ('unknown', 10),
               ('abstime', 12), ('reltime', 12), ('tinterval', 12), ('sql_identifier', 12), ('aclitem', 16)
      ), tainted (type, cause, refused_from) AS (
        SELECT t.oid, r.name, r.refused_from FROM refused r JOIN pg_type t ON t.typname = r.name
        JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE n.nspname IN ('pg_catalog', 'information_schema')
          AND (r.refused_from = 0 OR r.refused_from > %1$s)
        UNION
        SELECT t.oid, 'row type of ' || c.relname, 0 FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE t.oid < 16384 AND n.nspname IN ('pg_catalog', 'information_schema')
        UNION
        SELECT made.type, tainted.cause, tainted.refused_from FROM tainted JOIN (
          SELECT oid AS type, typbasetype AS part FROM pg_type WHERE typtype = 'd'
          UNION ALL SELECT oid, typelem FROM pg_type WHERE typelem <> 0
          UNION ALL SELECT c.reltype, a.atttypid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped AND c.oid >= 16384
          UNION ALL SELECT rngtypid, rngsubtype FROM pg_range
        ) AS made ON made.part = tainted.type
      )
      SELECT n.nspname AS schema, c.relname AS table, a.attname AS column,
             format_type(a.atttypid, a.atttypmod) AS type, tainted.cause, tainted.refused_from
      FROM tainted JOIN pg_attribute a ON a.atttypid = tainted.type
      JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm', 'i') AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      ORDER BY n.nspname, c.relname, a.attnum, tainted.cause
    $q$, major)],
    ['database', 'refused_objects', format($q$
      SELECT * FROM (
        SELECT 'postfix operator' AS kind, n.nspname AS schema, o.oprname AS name, 14 AS refused_from
        FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
        WHERE o.oprright = 0 AND o.oid >= 16384
        UNION ALL
        SELECT 'encoding conversion', n.nspname, c.conname, 14
        FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.oid >= 16384
        UNION ALL
        SELECT 'aggregate over an array function', n.nspname, p.proname, 14
        FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.oid >= 16384 AND EXISTS (
          SELECT FROM pg_proc f
          WHERE f.oid IN (a.aggtransfn, a.aggfinalfn)
            AND f.oid < 16384 AND f.proname IN ('array_append', 'array_cat', 'array_position', 'array_positions',
                                                'array_prepend', 'array_remove', 'array_replace', 'width_bucket')
            AND ('anyarray'::regtype = ANY (f.proargtypes) OR 'anyelement'::regtype = ANY (f.proargtypes)))
        UNION ALL
        SELECT 'operator over an array function', n.nspname, o.oprname, 14
        FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace JOIN pg_proc f ON f.oid = o.oprcode
        WHERE o.oid >= 16384 AND f.oid < 16384
          AND f.proname IN ('array_append', 'array_cat', 'array_position', 'array_positions', 'array_prepend',
                            'array_remove', 'array_replace', 'width_bucket')
          AND ('anyarray'::regtype = ANY (f.proargtypes) OR 'anyelement'::regtype = ANY (f.proargtypes))
        UNION ALL
        SELECT 'table with OIDs', n.nspname, c.relname, 12
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid >= 16384 AND c.relkind = 'r' AND to_jsonb(c) ->> 'relhasoids' = 'true'
        UNION ALL
        SELECT 'NOT NULL that a child lacks', n.nspname, c.relname || '.' || own.attname, 18
        FROM pg_inherits i
        JOIN pg_attribute above ON above.attrelid = i.inhparent AND above.attnotnull AND above.attnum > 0
        JOIN pg_attribute own ON own.attrelid = i.inhrelid AND own.attname = above.attname
        JOIN pg_class c ON c.oid = own.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT own.attnotnull AND NOT own.attisdropped AND NOT above.attisdropped
      ) AS found
      WHERE refused_from > %s ORDER BY kind, schema, name
    $q$, major)],
    ['database', 'system_owned', $q$
      WITH members AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
      owned (class, id, kind, schema, name, owner) AS (
        SELECT 'pg_class'::regclass::oid, c.oid,
               CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                              WHEN 'f' THEN 'foreign table' ELSE 'table' END, n.nspname, c.relname, c.relowner
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.oid >= 16384
        UNION ALL
        SELECT 'pg_proc'::regclass::oid, p.oid, 'function', n.nspname, p.proname, p.proowner
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid >= 16384
        UNION ALL
        SELECT 'pg_namespace'::regclass::oid, oid, 'schema', nspname, nspname, nspowner
        FROM pg_namespace WHERE oid >= 16384
      )
      SELECT o.kind, o.schema, o.name, r.rolname AS owner
      FROM owned o JOIN pg_roles r ON r.oid = o.owner
      LEFT JOIN members m ON m.classid = o.class AND m.objid = o.id
      WHERE (r.rolsuper OR r.rolname ~ '^pg_') AND m.objid IS NULL
        AND o.schema !~ '^pg_' AND o.schema <> 'information_schema'
      ORDER BY o.schema, o.kind, o.name
    $q$],
    ['database', 'event_triggers', $q$
      SELECT e.evtname AS name, e.evtevent AS event, pg_get_userbyid(e.evtowner) AS owner
      FROM pg_event_trigger e
      WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype = 'e' AND d.objid = e.oid
                          AND d.classid = 'pg_event_trigger'::regclass)
      ORDER BY e.evtname
    $q$],
    ['database', 'foreign_servers', $q$
      SELECT s.srvname AS name, w.fdwname AS wrapper, pg_get_userbyid(s.srvowner) AS owner,
             (SELECT count(*) FROM pg_user_mappings u WHERE u.srvid = s.oid) AS user_mappings
      FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw ORDER BY s.srvname
    $q$],
    ['database', 'unlogged_tables', $q$
      SELECT n.nspname AS schema, c.relname AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relpersistence = 'u' AND c.relkind IN ('r', 'p') ORDER BY n.nspname, c.relname
    $q$],
    ['database', 'collation_versions', $q$
      WITH used AS (
        SELECT k.used_collation, count(DISTINCT i.indexrelid) AS indexes
        FROM pg_index i CROSS JOIN LATERAL unnest(i.indcollation) AS k(used_collation)
        WHERE k.used_collation <> 0 AND i.indrelid >= 16384 GROUP BY k.used_collation
      )
      SELECT n.nspname AS schema, c.collname AS name, c.collversion AS recorded,
             pg_collation_actual_version(c.oid) AS actual, coalesce(u.indexes, 0) AS indexes
      FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace LEFT JOIN used u ON u.used_collation = c.oid
      WHERE c.collversion IS NOT NULL AND (u.indexes > 0 OR c.oid >= 16384)
        AND c.collversion IS DISTINCT FROM pg_collation_actual_version(c.oid)
    $q$ || CASE WHEN major < 15 THEN '' ELSE $q$
      UNION ALL
      SELECT NULL, d.datname, d.datcollversion, pg_database_collation_actual_version(d.oid),
             coalesce((SELECT indexes FROM used WHERE used_collation = 100), 0)
      FROM pg_database d
      WHERE d.datname = current_database() AND d.datcollversion IS NOT NULL
        AND d.datcollversion IS DISTINCT FROM pg_database_collation_actual_version(d.oid)
    $q$ END || ' ORDER BY 1, 2'],
    ['database', 'not_valid', $q$
      SELECT 'index' AS kind, n.nspname AS schema, t.relname AS table, c.relname AS name
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT (i.indisvalid AND i.indisready AND i.indislive)
      UNION ALL
      SELECT 'constraint', n.nspname, coalesce(t.relname, d.typname), k.conname
      FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
      LEFT JOIN pg_class t ON t.oid = k.conrelid LEFT JOIN pg_type d ON d.oid = k.contypid
      WHERE NOT k.convalidated AND coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true'
      ORDER BY 1, 2, 3, 4
    $q$],
    ['database', 'languages', $q$
      SELECT l.lanname AS name, l.lanpltrusted AS trusted, count(p.oid) AS functions
      FROM pg_language l LEFT JOIN pg_proc p ON p.prolang = l.oid AND p.oid >= 16384 AND p.prokind <> 'a'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                          AND d.deptype = 'e')
      WHERE l.lanname NOT IN ('sql', 'plpgsql')
      GROUP BY l.lanname, l.lanpltrusted HAVING count(p.oid) > 0 OR l.lanname NOT IN ('c', 'internal')
      ORDER BY l.lanname
    $q$],
    ['database', 'security_labels', $q$
      SELECT provider AS name, count(*) AS labels FROM (
        SELECT provider FROM pg_seclabel UNION ALL SELECT provider FROM pg_shseclabel) AS every
      GROUP BY provider ORDER BY provider
    $q$],
    ['database', 'large_objects', $q$
      SELECT count(*) AS number, pg_total_relation_size('pg_catalog.pg_largeobject') AS bytes
      FROM pg_largeobject_metadata HAVING count(*) > 0
    $q$]
  ];
  part text[];
  rows_shown int;
  result jsonb;
  reason text;
  hidden bigint;
  batch oid[];
  sequence_ids oid[];
  near_end jsonb := '[]';
  out_of_time boolean := false;
  of_server jsonb := '{}';
  of_database jsonb := '{}';
  unread jsonb := '[]';
  system_id text;
BEGIN
  FOREACH part SLICE 1 IN ARRAY parts LOOP
    reason := CASE WHEN out_of_time THEN 'the time limit was reached before this part' END;
    IF reason IS NULL THEN
      rows_shown := CASE WHEN part[2] IN ('databases', 'available_extensions', 'extensions') THEN 5000
                         WHEN part[2] = 'largest_tables' THEN 20 ELSE 100 END;
      BEGIN
        EXECUTE format(
          'SELECT jsonb_build_object(''total'', count(*), ''items'', '
          'coalesce(jsonb_agg(to_jsonb(found) - ''n'' ORDER BY n) FILTER (WHERE n <= %s), ''[]'')) '
          'FROM (SELECT row_number() OVER () AS n, each.* FROM (%s) AS each) AS found',
          rows_shown, part[3]) INTO result;
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
        'database', CASE part[1] WHEN 'database' THEN current_database() END, 'part', part[2], 'why', reason);
    END IF;
  END LOOP;

  SELECT count(*) INTO hidden FROM pg_stat_activity WHERE query = '<insufficient privilege>' AND datid <> 0;
  IF hidden > 0 THEN
    unread := unread || jsonb_build_object('database', NULL, 'part', 'long_transactions', 'why',
      format('%s sessions of other roles do not show when their transaction began', hidden));
  END IF;

  -- Reading a sequence locks it until the end of the transaction, and the table of locks has a few thousand
  -- places. So each batch ends with an error of our own, which takes its locks back. pg_sequence_last_value
  -- would keep them in spite of that.
  BEGIN
    IF out_of_time THEN
      RAISE EXCEPTION 'the time limit was reached before this part';
    END IF;
    SELECT coalesce(array_agg(seqrelid ORDER BY seqrelid), '{}') INTO sequence_ids
    FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid WHERE relpersistence <> 't';
    SELECT coalesce(array_agg(c.oid ORDER BY c.oid), '{}'),
           array_length(sequence_ids, 1) - count(*) INTO sequence_ids, hidden
    FROM unnest(sequence_ids) AS id JOIN pg_class c ON c.oid = id
    WHERE has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(c.relnamespace, 'USAGE');
    FOR start IN 1 .. coalesce(array_length(sequence_ids, 1), 0) BY 500 LOOP
      batch := sequence_ids[start : start + 499];
      BEGIN
        EXECUTE (
          SELECT 'SELECT jsonb_object_agg(id, last) FROM (' || string_agg(
            format('SELECT %s AS id, last_value AS last FROM %I.%I WHERE is_called', c.oid, n.nspname, c.relname),
            ' UNION ALL ') || ') AS each'
          FROM unnest(batch) AS each JOIN pg_class c ON c.oid = each
          JOIN pg_namespace n ON n.oid = c.relnamespace) INTO result;
        SELECT near_end || coalesce(jsonb_agg(to_jsonb(high)), '[]') INTO near_end FROM (
          SELECT n.nspname AS schema, c.relname AS name, owner.table_name AS table, owner.column_name AS column,
                 value.last AS last_value, value.last_possible,
                 round(100.0 * value.last / value.last_possible, 1) AS percent
          FROM unnest(batch) AS each JOIN pg_sequence s ON s.seqrelid = each
          JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN LATERAL (
            SELECT t.relname AS table_name, a.attname AS column_name,
                   CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END AS most
            FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            JOIN pg_class t ON t.oid = a.attrelid
            WHERE d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype IN ('a', 'i')
              AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 LIMIT 1
          ) AS owner ON true
          CROSS JOIN LATERAL (
            SELECT (result ->> s.seqrelid::text)::numeric AS last,
                   CASE WHEN s.seqincrement < 0 THEN greatest(s.seqmin, -owner.most - 1)
                        ELSE least(s.seqmax, owner.most) END::numeric AS last_possible
          ) AS value
          WHERE (NOT s.seqcycle OR owner.most < s.seqmax) AND value.last_possible <> 0
            AND value.last / value.last_possible >= 0.7
        ) AS high;
        RAISE EXCEPTION USING ERRCODE = 'PB001';
      EXCEPTION WHEN SQLSTATE 'PB001' THEN NULL;
      END;
    END LOOP;
    IF hidden > 0 THEN
      unread := unread || jsonb_build_object('database', current_database(), 'part', 'sequences', 'why',
        format('%s sequences may not be read by this role', hidden));
    END IF;
    SELECT jsonb_build_object('total', count(*), 'items', coalesce(
      jsonb_agg(each ORDER BY n) FILTER (WHERE n <= 100), '[]')) INTO result
    FROM (SELECT each, row_number() OVER (ORDER BY (each ->> 'percent')::numeric DESC, each ->> 'schema',
                                          each ->> 'name') AS n
          FROM jsonb_array_elements(near_end) AS each) AS sorted;
    of_database := of_database || jsonb_build_object('sequences', result);
  EXCEPTION
    WHEN query_canceled THEN
      unread := unread || jsonb_build_object('database', current_database(), 'part', 'sequences', 'why',
        'the time limit was reached in this part');
    WHEN OTHERS THEN
      unread := unread || jsonb_build_object('database', current_database(), 'part', 'sequences', 'why',
        left(SQLERRM, 300));
  END;

  BEGIN
    system_id := (SELECT system_identifier FROM pg_control_system());
  EXCEPTION WHEN OTHERS THEN system_id := NULL;
  END;
  PERFORM set_config('pgbot.document', jsonb_build_object(
    '$schema', 'urn:ionos-pg-chatops:precheck:1',
    'read_at', to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'cluster', nullif(current_setting('pgbot.cluster', true), ''),
    'host', NULL,
    'server', jsonb_build_object(
      'version', current_setting('server_version'), 'major', major, 'system_identifier', system_id,
      'in_recovery', pg_is_in_recovery(), 'role', current_user,
      'databases', (
        SELECT jsonb_agg(jsonb_build_object('name', datname, 'takes_connections', datallowconn) ORDER BY datname)
        FROM pg_database WHERE NOT datistemplate),
      'is_superuser', current_setting('is_superuser') = 'on',
      'password_encryption', current_setting('password_encryption')),
    'parts', of_server,
    'databases', jsonb_build_array(jsonb_build_object('name', current_database(), 'parts', of_database)),
    'unread', unread)::text, true);
END
$pgbot$;

SELECT current_setting('pgbot.document');
ROLLBACK;
