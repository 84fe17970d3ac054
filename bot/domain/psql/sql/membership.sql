-- The connected user acts for the owner: as its member, for this script alone.
PREPARE pgbot_membership AS
WITH
-- @ctes
SELECT
  CASE WHEN needed THEN format('GRANT %I TO %I%s', owner, member, CASE WHEN has_options
    THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END) ELSE '' END AS pgbot_lend,
  CASE WHEN NOT needed THEN ''
    WHEN own IS NULL THEN format('REVOKE %I FROM %I', owner, member)
    ELSE format('GRANT %I TO %I WITH INHERIT %s, SET %s', owner, member, own ->> 'inherit_option',
      own ->> 'set_option') END AS pgbot_take_back
FROM (
  SELECT owner.rolname AS owner, me.rolname AS member, has_options, to_jsonb(own) AS own,
    NOT (pg_has_role(me.oid, owner.oid, 'USAGE')
      AND CASE WHEN has_options THEN pg_has_role(me.oid, owner.oid, 'SET') ELSE true END) AS needed
  FROM owner CROSS JOIN me CROSS JOIN version
  LEFT JOIN pg_auth_members own
    ON has_options AND own.roleid = owner.oid AND own.member = me.oid AND own.grantor = me.oid) AS membership;
EXECUTE pgbot_membership \gset
