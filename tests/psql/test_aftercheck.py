"""The check after the move on real servers: nothing differs from itself, and every change is a difference."""

import json

import pytest
from postgres_catalog import difference, read_catalog
from postgres_names import MIXED
from postgres_servers import PRIMARY

from migrations.precheck.database_comparison import compare_documents
from migrations.precheck.database_documents import CheckKind, parse_document, read_sql

SQL = read_sql(CheckKind.AFTERCHECK)

CONTENT = """
CREATE ROLE app LOGIN;
CREATE ROLE readers;
GRANT readers TO app;
ALTER ROLE app SET statement_timeout = '5s';
ALTER DATABASE payments SET app.api_key = 'hunter2';
CREATE SCHEMA shop AUTHORIZATION payments;
SET ROLE payments;
CREATE TABLE shop.orders (id serial PRIMARY KEY, amount int CHECK (amount > 0), note text);
INSERT INTO shop.orders (amount) SELECT generate_series(1, 5);
CREATE TABLE shop.empty ();
CREATE INDEX by_amount ON shop.orders (amount);
GRANT SELECT ON shop.orders TO readers;
GRANT UPDATE (note) ON shop.orders TO app;
CREATE FUNCTION shop.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
RESET ROLE;
CREATE PUBLICATION changes FOR TABLE shop.orders;
SELECT lo_create(0);
"""

CHANGES = {
    "DELETE FROM shop.orders WHERE id = 3": {"database payments, rows: shop.orders: 5 → 4"},
    "SELECT setval('shop.orders_id_seq', 9)": {"database payments, sequences: shop.orders_id_seq: 5 → 9"},
    "SELECT setval('shop.orders_id_seq', 5, false)": {
        "database payments, sequences: shop.orders_id_seq: 9 → next is 5"
    },
    "DROP TABLE shop.empty": {
        "database payments, rows: shop.empty: 0 → absent",
        "database payments, owners: table shop.empty: payments → absent",
    },
    "REVOKE readers FROM app": {"server, memberships: app in readers: member → absent"},
    "ALTER ROLE app NOLOGIN": {"server, roles: app: login → no login"},
    "REVOKE SELECT ON shop.orders FROM readers": {
        "database payments, grants: table shop.orders to readers: SELECT → absent"
    },
    "REVOKE EXECUTE ON FUNCTION shop.one FROM PUBLIC": {
        "database payments, grants: function shop.one() to PUBLIC: EXECUTE → absent"
    },
    "ALTER TABLE shop.orders OWNER TO app; GRANT ALL ON shop.orders TO payments": None,
    "ALTER ROLE app RESET statement_timeout": {
        "server, database_and_role_settings: statement_timeout of role app in database any: 5s → absent"
    },
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.by_amount'::regclass": {
        "database payments, validity: index shop.by_amount: valid → not valid"
    },
    "DROP PUBLICATION changes": {"database payments, publications: changes: 1 tables → absent"},
    "SELECT lo_create(0)": {"database payments, large_objects: number: 1 → 2"},
    "REVOKE CONNECT ON DATABASE payments FROM PUBLIC": {
        "server, database_grants: payments to PUBLIC: CONNECT, TEMPORARY → TEMPORARY"
    },
    "ALTER TABLE shop.orders ADD added int": None,
}


@pytest.fixture
def moved(server):
    server.admin(CONTENT, database=PRIMARY)
    return server


def take_stock(server, *, user=PRIMARY, sql=SQL):
    done = server.run_script(sql, database=PRIMARY, user=user, options=["-qAt"])
    assert (done.code, done.error) == (0, "")
    assert "hunter2" not in done.out
    return parse_document(json.loads(done.out))


def differences(before, after):
    return {f"{each.place}: {each.line.strip()}" for each in compare_documents(before, after).differences}


def test_every_change_is_a_difference_and_nothing_else_is(moved):
    before = take_stock(moved, user="postgres")
    assert before.unread == ()
    assert compare_documents(before, take_stock(moved, user="postgres")).lines[0] == "No difference."

    for sql, expected in CHANGES.items():
        moved.admin(sql, database=PRIMARY)
        after = take_stock(moved, user="postgres")
        found = differences(before, after)
        assert expected is None or expected <= found, sql
        assert found, sql
        before = after


def test_it_changes_nothing(moved):
    before = read_catalog(moved)

    take_stock(moved)

    assert difference(before, read_catalog(moved)) == {}


def test_tables_that_may_not_be_counted_are_named_and_not_compared(moved):
    moved.admin(
        "CREATE TABLE public.hidden AS SELECT 1;"
        "ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;"
        "ALTER TABLE shop.orders FORCE ROW LEVEL SECURITY;",
        database=PRIMARY,
    )

    document = take_stock(moved)
    compared = compare_documents(document, document)

    whys = [gap.why for gap in document.unread if gap.part == "rows"]
    assert whys == [
        "public.hidden: permission denied for table hidden",
        'shop.orders: query would be affected by row-level security policy for table "orders"',
    ]
    assert compared.lines[0].startswith("No difference, ")
    assert not any("hidden" in each or "orders" in each for each in differences(document, document))
    assert (
        "database payments, rows, before the move: public.hidden: permission denied"
        in compared.unread[0] + compared.unread[1]
    )


def test_a_table_that_takes_too_long_gets_an_estimate(moved):
    moved.admin(
        "CREATE TABLE shop.later AS SELECT generate_series(1, 9); ANALYZE shop.later", database=PRIMARY
    )
    slow = SQL.replace("lock_timeout = '2s'", "lock_timeout = 0").replace("= '60s'", "= '800ms'")
    with moved.open_session(database=PRIMARY, user="postgres") as session:
        session.stdin.write(b"BEGIN; LOCK TABLE shop.later; SELECT 2;\n")
        session.stdin.flush()
        assert session.stdout.readline() == b"2\n"
        document = take_stock(moved, user="postgres", sql=slow)
    whole = take_stock(moved, user="postgres")

    assert document.databases[0].parts["estimated_rows"]["shop.later"] == "9"
    assert document.databases[0].parts["rows"]["shop.empty"] == "0"
    assert not any("shop.later" in each for each in differences(document, whole))
    assert any("only an estimate" in each for each in compare_documents(document, whole).unread)


@pytest.mark.parametrize("name", MIXED)
def test_a_hostile_name_is_counted_and_shown_in_one_line(server, name):
    quoted = '"' + name.replace('"', '""') + '"'
    server.admin(f'CREATE TABLE {quoted} AS SELECT 1; CREATE SEQUENCE {quoted[:-2]}1"', database=PRIMARY)

    document = take_stock(server, user="postgres")
    empty = document.model_copy(
        update={"databases": (document.databases[0].model_copy(update={"parts": {}}),)}
    )
    lines = compare_documents(document, empty).lines

    assert document.unread == ()
    assert list(document.databases[0].parts["rows"].values()) == ["1"]
    assert all(line.isprintable() for line in lines)
