"""PGR169: indexes or constraints are not valid."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr169_not_valid import rule

ITEM = {"kind": "index", "schema": "public", "table": "a", "name": "b"}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "not_valid")


def test_fires_and_names_each():
    (value,) = values(rule, not_valid=[ITEM])

    assert value == "database “orders”: index b on public.a"
