    SELECT 10, me.oid, format('ALTER DATABASE %I OWNER TO %I', datname, :'heir')
    FROM me, owned JOIN pg_database d ON d.oid = objid WHERE classid = 'pg_database'::regclass
    UNION
    SELECT 10, me.oid, format('DROP OWNED BY %I RESTRICT', :'role')
    FROM me WHERE EXISTS (SELECT FROM owned WHERE classid <> 'pg_database'::regclass)
