    -- Before privileges are revoked: the new owner may have some of them through this user.
    SELECT 7, me.oid, format('REASSIGN OWNED BY %I TO %I', :'role', :'heir')
    FROM me WHERE EXISTS (SELECT FROM owned)
