"""PGR158: large objects are in use."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr158_large_objects import rule

ITEM = {"number": 1200, "bytes": 5242880}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "large_objects")


def test_fires_and_names_each():
    (value,) = values(rule, large_objects=[ITEM])

    assert value == "database “orders”: 1,200 large objects, 5 MB"
