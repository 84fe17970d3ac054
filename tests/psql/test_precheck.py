"""The precheck's SQL on real servers: it finds everything, names what it could not read, and only reads."""

import json

import pytest
from postgres_catalog import difference, read_catalog
from postgres_servers import PRIMARY
from precheck_objects import (
    BEFORE_14,
    BEFORE_18,
    FOUND,
    PLANTED,
    REMOVED,
    SECRETS,
    refused_objects,
    refused_types,
)
from precheck_reports import DATABASE_PARTS, SERVER_PARTS

from migrations.precheck.database_documents import CheckKind, parse_document, read_sql

SQL = read_sql(CheckKind.PRECHECK)


@pytest.fixture
def planted(server):
    """Return the server with one of everything in the primary user's database."""
    major = server.install.major
    script = PLANTED + (BEFORE_14 if major < 14 else "") + (BEFORE_18 if major < 18 else "")
    server.admin(script, database=PRIMARY)
    yield server
    server.admin(REMOVED, database=PRIMARY)


def precheck(server, *, user=PRIMARY, sql=SQL):
    """Return the document that the SQL prints, and the parts of server and database."""
    done = server.run_script(sql, database=PRIMARY, user=user, options=["-qAt"])
    assert (done.code, done.error) == (0, "")
    assert not any(secret in done.out for secret in SECRETS)
    document = parse_document(json.loads(done.out))
    (database,) = document.databases
    return document, document.parts | database.parts


def like(items, expected):
    """Return the items reduced to the keys that are expected of each."""
    return [{key: item[key] for key in wanted} for item, wanted in zip(items, expected, strict=True)]


def test_one_of_everything_is_found(planted):
    document, parts = precheck(planted, user="postgres")
    major = planted.install.major
    expected = FOUND | {"refused_types": refused_types(major), "refused_objects": refused_objects(major)}

    assert document.unread == ()
    assert {name: like(parts[name]["items"], items) for name, items in expected.items()} == expected
    assert {name: parts[name]["total"] for name in expected} == {k: len(v) for k, v in expected.items()}
    owned = {(each["kind"], each["name"]) for each in parts["system_owned"]["items"]}
    assert {("table", "checked"), ("function", "say"), ("sequence", "downward")} <= owned
    assert ("table", "rights") not in owned
    assert [each["name"] for each in parts["extensions"]["items"]] == ["plpgsql"]
    assert parts["summary"]["items"][0]["tables"] == 9


def test_every_major_gives_the_same_parts(planted):
    document, _ = precheck(planted, user="postgres")

    assert document.parts.keys() == set(SERVER_PARTS)
    assert document.databases[0].parts.keys() == set(DATABASE_PARTS)
    assert document.server.major == planted.install.major


def test_what_the_primary_user_may_not_read_is_said_and_is_not_empty(planted):
    with planted.open_session(database=PRIMARY, user="postgres"):
        document, parts = precheck(planted)

    assert "permission denied" in document.unread_part("md5_passwords")[0]
    assert "shared_preload_libraries" in document.unread_part("preloaded_libraries")[0]
    assert document.unread_part("sequences") == (
        "database “payments”: 5 sequences may not be read by this role",
    )
    assert "sessions of other roles" in document.unread_part("long_transactions")[0]
    assert not {"md5_passwords", "preloaded_libraries"} & parts.keys()
    assert document.unread_part("prepared_transactions") == ()
    assert parts["prepared_transactions"]["total"] == 1


def test_a_new_cluster_is_clean(server):
    document, parts = precheck(server, user="postgres")

    speaking = {name for name, part in parts.items() if part["total"]}
    assert speaking == {"databases", "available_extensions", "server_settings", "summary", "extensions"}
    assert document.unread == ()


def test_it_changes_nothing(planted):
    before = read_catalog(planted)

    precheck(planted, user="postgres")
    precheck(planted)

    assert difference(before, read_catalog(planted)) == {}


def test_a_locked_catalog_is_one_unread_part(server):
    locked = SQL.replace("lock_timeout = '2s'", "lock_timeout = '20ms'")
    with server.open_session(database=PRIMARY, user="postgres") as session:
        hold(session, "pg_publication")
        document, parts = precheck(server, sql=locked)

    assert [gap.why for gap in document.unread if gap.part == "publications"] == [
        "canceling statement due to lock timeout"
    ]
    assert "extensions" in parts


def test_after_the_time_limit_the_other_parts_are_unread_too(server):
    slow = SQL.replace("lock_timeout = '2s'", "lock_timeout = 0")
    slow = slow.replace("statement_timeout = '60s'", "statement_timeout = '500ms'")
    with server.open_session(database=PRIMARY, user="postgres") as session:
        hold(session, "pg_publication")
        document, parts = precheck(server, sql=slow)

    late = {gap.part: gap.why for gap in document.unread if "time limit" in gap.why}
    assert late["publications"] == "the time limit was reached in this part"
    assert late["sequences"] == late["languages"] == "the time limit was reached before this part"
    assert not late.keys() & parts.keys()


def hold(session, catalog):
    """Have a session hold a lock on a catalog until it ends."""
    session.stdin.write(f"BEGIN; LOCK TABLE {catalog} IN ACCESS EXCLUSIVE MODE; SELECT 2;\n".encode())
    session.stdin.flush()
    assert session.stdout.readline() == b"2\n"


def test_names_and_search_path_of_others_have_no_say(server):
    """A function of the same name in the user's schema would answer otherwise."""
    server.admin(
        "CREATE FUNCTION public.format_type(oid, int) RETURNS text LANGUAGE sql AS 'SELECT 1/0 || $1::text';"
        "CREATE VIEW public.pg_class AS SELECT 1/0 AS oid;"
        f"ALTER ROLE {PRIMARY} SET search_path = public, pg_catalog",
        database=PRIMARY,
    )

    document, _ = precheck(server)

    assert {gap.part for gap in document.unread} == {"md5_passwords", "preloaded_libraries"}


@pytest.mark.parametrize("kind", CheckKind)
def test_a_large_schema_does_not_fill_the_table_of_locks(server, kind):
    """It has a few thousand places, and a lock would be kept to the end of the transaction."""
    server.admin(
        "DO $$BEGIN FOR n IN 1..700 LOOP "
        "EXECUTE format('CREATE TABLE t%s (a int); CREATE SEQUENCE s%s', n, n);"
        "EXECUTE format('SELECT setval(%L, 9)', 's' || n); END LOOP; END$$",
        database=PRIMARY,
        user="postgres",
    )
    counted = read_sql(kind).replace(
        "SELECT current_setting('pgbot.document');",
        "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation';",
    )

    done = server.run_script(counted, database=PRIMARY, user="postgres", options=["-qAt"])

    assert done.error == ""
    assert 0 < int(done.out) < 200
