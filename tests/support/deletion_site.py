"""A cluster with a user that owns a bit of everything, and the catalog to expect once it is deleted."""

LEAVER = 'Re"port'
"""The user to delete. `app` owns a schema in which it has things, `reader` has rights through it."""

SEED = """
SET ROLE payments;
CREATE ROLE app LOGIN; CREATE ROLE "Re""port" LOGIN; CREATE ROLE reader; CREATE ROLE team;
CREATE DATABASE other; CREATE DATABASE theirs;
RESET ROLE;
ALTER DATABASE theirs OWNER TO "Re""port";
ALTER ROLE "Re""port" SET work_mem = '8MB';
GRANT team TO "Re""port" WITH ADMIN OPTION;
GRANT reader TO app; GRANT "Re""port" TO reader;
SET ROLE "Re""port"; GRANT team TO app WITH ADMIN OPTION;
\\connect other
SET ROLE payments; CREATE SCHEMA used; GRANT USAGE ON SCHEMA used TO "Re""port";
\\connect payments
GRANT ALL ON SCHEMA public TO payments WITH GRANT OPTION;
CREATE EXTENSION IF NOT EXISTS plpgsql;
CREATE FOREIGN DATA WRAPPER fdw; GRANT USAGE ON FOREIGN DATA WRAPPER fdw TO app;
SET ROLE payments;
GRANT CREATE ON DATABASE payments TO app, "Re""port";
GRANT USAGE, CREATE ON SCHEMA public TO app, "Re""port";
SET ROLE app;
CREATE SCHEMA apps; GRANT USAGE, CREATE ON SCHEMA apps TO "Re""port"; GRANT USAGE ON SCHEMA apps TO reader;
CREATE TABLE apps.t (i int, "J" int); INSERT INTO apps.t VALUES (1, 2); CREATE SEQUENCE apps.s;
CREATE FUNCTION apps.f(i int, OUT x text) LANGUAGE sql AS 'SELECT i::text';
CREATE TYPE apps.e AS ENUM ('a');
CREATE PROCEDURE apps.p(i int) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE apps.a(int) (sfunc = int4pl, stype = int);
CREATE SERVER far FOREIGN DATA WRAPPER fdw; GRANT USAGE ON FOREIGN SERVER far TO "Re""port";
CREATE USER MAPPING FOR "Re""port" SERVER far; CREATE USER MAPPING FOR reader SERVER far;
GRANT SELECT ON apps.t TO "Re""port" WITH GRANT OPTION;
GRANT UPDATE ("J") ON apps.t TO "Re""port" WITH GRANT OPTION;
GRANT USAGE ON apps.s TO "Re""port"; GRANT EXECUTE ON FUNCTION apps.f TO "Re""port";
GRANT USAGE ON TYPE apps.e TO "Re""port";
GRANT EXECUTE ON PROCEDURE apps.p TO "Re""port"; GRANT EXECUTE ON FUNCTION apps.a TO "Re""port";
ALTER TABLE apps.t ENABLE ROW LEVEL SECURITY;
CREATE POLICY one ON apps.t TO "Re""port" USING (true);
CREATE POLICY two ON apps.t TO "Re""port", reader USING (true);
ALTER DEFAULT PRIVILEGES IN SCHEMA apps GRANT SELECT ON TABLES TO "Re""port";
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "Re""port", reader;
SET ROLE "Re""port";
GRANT SELECT ON apps.t TO reader; GRANT UPDATE ("J") ON apps.t TO reader;
CREATE TABLE apps.mine (i serial PRIMARY KEY, t text); INSERT INTO apps.mine (t) VALUES ('kept');
GRANT SELECT ON apps.mine TO reader;
CREATE FUNCTION apps.g() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SCHEMA "O""wn"; CREATE TABLE "O""wn"."X" (i int CHECK (i > 0)); CREATE TYPE "O""wn".e AS ENUM ('a');
CREATE DOMAIN "O""wn".d AS int; CREATE VIEW "O""wn".v AS SELECT * FROM "O""wn"."X";
GRANT SELECT ON "O""wn".v TO app;
CREATE FUNCTION public.h() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE public.parts (i int) PARTITION BY RANGE (i);
CREATE TABLE public.part PARTITION OF public.parts FOR VALUES FROM (0) TO (9);
CREATE POLICY own ON public.parts TO "Re""port" USING (true);
CREATE PUBLICATION pub FOR TABLE public.part; CREATE STATISTICS public.st ON i, t FROM apps.mine;
CREATE COLLATION public.co FROM "C"; COMMENT ON TABLE public.parts IS 'kept';
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA "O""wn" GRANT USAGE ON SEQUENCES TO reader;
SELECT lo_create(777); GRANT SELECT ON LARGE OBJECT 777 TO reader;
"""

PARTS = (
    *("attrelid", "adrelid", "conrelid", "indexrelid", "inhrelid", "inhparent", "ev_class", "tgrelid"),
    *("objoid", "polrelid", "prrelid", "prpubid", "stxrelid", "contypid", "typrelid", "typelem"),
    "defaclnamespace",
)
"""Columns with the id of the object that a row is a part of."""


def expect_deletion(before: dict, heir: str, *, granted_by: str = "", drops: bool = False) -> dict:
    """Return the catalog that the deletion of the leaver announces.

    `granted_by` is who grants memberships anew that the leaver had granted; "" where nobody needs to.
    """
    gone = {row["oid"] for key, row in before.items() if drops and key[0] and _owner(row) == LEAVER}
    owners = {(key[0], row["oid"]): row["relowner"] for key, row in before.items() if key[1] == "pg_class"}
    after = {}
    for key, row in before.items():
        if LEAVER in (row.get("rolname"), row.get("setrole"), row.get("roleid"), row.get("member")):
            continue
        if gone & {row.get(column) for column in ("oid", *PARTS)}:
            continue
        if key[1] == "pg_auth_members" and row.get("grantor") == LEAVER:
            members = (row["roleid"], row["member"], granted_by)
            after[(*key[:2], members, key[3])] = {**row, "grantor": granted_by}
            continue
        owner = owners.get((key[0], row.get("attrelid"))) or _owner(row)
        left = _clear(row) if key[1] in {"pg_default_acl", "pg_policy", "pg_user_mapping"} else row
        if left is not None:
            after[key] = left if left is not row else _give_to(row, owner, heir)
    return after


def _is_owner(column: str) -> bool:
    return column.endswith("owner") or column == "datdba"


def _owner(row: dict) -> str | None:
    return next((row[name] for name in row if _is_owner(name)), None)


def _clear(row: dict) -> dict | None:
    """Return the row without the leaver; None when nothing is left of it."""
    if LEAVER in (row.get("defaclrole"), row.get("umuser")) or row.get("polroles") == {LEAVER}:
        return None
    if "defaclacl" in row:
        left = {names: rights for names, rights in row["defaclacl"].items() if LEAVER not in names}
        nothing = {} if row["defaclnamespace"] not in (0, "0") else row["standardacl"]
        return None if left == nothing else {**row, "defaclacl": left}
    return {**row, "polroles": row["polroles"] - {LEAVER}} if "polroles" in row else dict(row)


def _give_to(row: dict, owner: str | None, heir: str) -> dict:
    changed = {name: heir if _is_owner(name) and row[name] == LEAVER else row[name] for name in row}
    for name, rights in row.items():
        if name.endswith("acl") and rights is not None:
            changed[name] = _move_rights(rights, owner, heir)
    return changed


def _move_rights(rights: dict, owner: str, heir: str) -> dict:
    moved: dict = {}
    for (grantee, grantor), letters in rights.items():
        if owner == LEAVER:
            names = tuple(heir if each == LEAVER else each for each in (grantee, grantor))
        elif grantee == LEAVER:
            continue
        else:
            names = (grantee, owner if grantor == LEAVER else grantor)
        moved[names] = moved.get(names, frozenset()) | letters
    return moved
