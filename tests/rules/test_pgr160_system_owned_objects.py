"""PGR160: objects belong to system roles."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr160_system_owned_objects import rule

ITEM = {"kind": "table", "schema": "public", "name": "old", "owner": "postgres"}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "system_owned")


def test_fires_and_names_each():
    (value,) = values(rule, system_owned=[ITEM])

    assert value == "database “orders”: table public.old of postgres"
