"""PGR167: unlogged tables lose their rows."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr167_unlogged_tables import rule

ITEM = {"schema": "public", "name": "cache"}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "unlogged_tables")


def test_fires_and_names_each():
    (value,) = values(rule, unlogged_tables=[ITEM])

    assert value == "database “orders”: public.cache"
