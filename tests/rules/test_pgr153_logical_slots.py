"""PGR153: logical replication slots do not move along."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr153_logical_slots import rule

ITEM = {"name": "cdc", "plugin": "pgoutput", "database": "orders", "active": True}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "logical_slots")


def test_fires_and_names_each():
    (value,) = values(rule, logical_slots=[ITEM])

    assert value == "cdc (pgoutput) in database orders, in use"
