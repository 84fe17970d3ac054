"""The catalogs of a server as comparable rows; two readings differ in what was done in between."""

import json
import re

SHARED = ("pg_authid", "pg_auth_members", "pg_database", "pg_db_role_setting", "pg_tablespace")
LOCAL = (
    *("pg_attrdef", "pg_attribute", "pg_class", "pg_collation", "pg_constraint", "pg_default_acl"),
    *("pg_description", "pg_extension", "pg_foreign_data_wrapper", "pg_foreign_server", "pg_index"),
    *("pg_inherits", "pg_language", "pg_largeobject_metadata", "pg_namespace", "pg_operator", "pg_policy"),
    *("pg_proc", "pg_publication", "pg_publication_rel", "pg_rewrite", "pg_statistic_ext", "pg_trigger"),
    *("pg_type", "pg_user_mapping"),
)
OWN = {
    "pg_attribute": "attrelid >= 16384 OR attacl IS NOT NULL",
    "pg_class": "oid >= 16384 OR relacl IS NOT NULL",
    "pg_description": "objoid >= 16384",
    "pg_index": "indexrelid >= 16384",
    "pg_inherits": "inhrelid >= 16384",
    "pg_language": "true",
    "pg_namespace": "true",
    "pg_proc": "oid >= 16384 OR proacl IS NOT NULL",
    "pg_publication_rel": "true",
    "pg_type": "oid >= 16384 OR typacl IS NOT NULL",
}
"""Rows that can change, where those are not only the ones that were made after the server: 16384 and up."""

STANDARD = (
    " || jsonb_build_object('standardacl', acldefault("
    "CASE t.defaclobjtype WHEN 'S' THEN 's' ELSE t.defaclobjtype END, t.defaclrole))"
)
"""Privileges that hold without default privileges: a row that says no more than them does not exist."""

VOLATILE = {
    *("datfrozenxid", "datminmxid", "relfrozenxid", "relminmxid", "relpages", "reltuples", "relallvisible"),
    *("relallfrozen", "rolpassword"),
}
"""Columns that change by themselves, or hold a secret."""

ROLES = re.compile(r"\w+owner|datdba|defaclrole|umuser|roleid|member|grantor|setrole")
NAMES = re.compile(r"\w+name")
ITEM = re.compile(r'("(?:[^"]|"")*"|[^"=]*)=([a-zA-Z*]*)/("(?:[^"]|"")*"|.*)')


def read_catalog(server) -> dict[tuple, dict]:
    """Return the rows that can change by (database, catalog, id, name), with roles by name.

    A privilege list is a dictionary of (grantee, grantor) to letters. "" is everybody.
    """
    names = server.admin(
        "SELECT to_json(datname) FROM pg_database WHERE NOT datistemplate ORDER BY datname;"
        "SELECT json_object_agg(oid, rolname) FROM pg_authid"
    )
    *databases, roles = (json.loads(text) for text in names)
    lines = server.admin("".join(_select(each, "") for each in SHARED))
    for name in databases:
        lines += server.admin("".join(_select(each, name) for each in LOCAL), database=name)
    rows = {}
    for line in lines:
        database, catalog, row = json.loads(line)
        if server.install.major < 16 and catalog == "pg_auth_members":
            del row["grantor"]  # PostgreSQL 15 and older let it point to a role that is gone
        row = {name: _read(name, value, roles) for name, value in row.items() if name not in VOLATILE}
        rows[_key(database, catalog, row)] = row
    return rows


def difference(before: dict, after: dict) -> dict[tuple, object]:
    """Return what differs: "made", "gone", or the columns that changed, each with its two values."""
    found = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            found[key] = "made" if old is None else "gone"
        elif old != new:
            found[key] = {name: (old[name], new[name]) for name in old if old[name] != new[name]}
    return found


def _select(catalog: str, database: str) -> str:
    name = json.dumps([database, catalog]).replace("'", "''")
    rows = OWN.get(catalog, "true" if catalog in SHARED else "oid >= 16384")
    columns = f"to_jsonb(t){STANDARD if catalog == 'pg_default_acl' else ''}"
    # The names of the catalogs are ours, and the database's is quoted.
    return f"SELECT '{name}'::jsonb || jsonb_build_array({columns}) FROM {catalog} t WHERE {rows};"  # noqa: S608


def _key(database: str, catalog: str, row: dict) -> tuple:
    if catalog == "pg_auth_members":
        row.pop("oid", None)
        return ("", catalog, (row["roleid"], row["member"], row.get("grantor")), "")
    name = next((str(row[name]) for name in row if NAMES.fullmatch(name)), "")
    if catalog == "pg_attribute":
        return (database, catalog, (row["attrelid"], row["attnum"]), name)
    return (database, catalog, row.get("oid") or json.dumps(row, sort_keys=True, default=str), name)


def _read(column: str, value, roles: dict[str, str]):
    if column == "polroles":
        return frozenset(roles.get(str(each), each) for each in value)
    if column.endswith("acl") and value is not None:
        return _read_privileges(value)
    return roles.get(str(value), value) if ROLES.fullmatch(column) else value


def _read_privileges(items: list[str]) -> dict[tuple[str, str], frozenset[str]]:
    parts = (ITEM.fullmatch(each).groups() for each in items)
    return {
        (_unquote(grantee), _unquote(grantor)): frozenset(re.findall(r"[a-zA-Z]\*?", letters))
        for grantee, letters, grantor in parts
    }


def _unquote(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
