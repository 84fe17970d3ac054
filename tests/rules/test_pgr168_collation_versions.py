"""PGR168: collations have changed under their indexes."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr168_collation_versions import rule

ITEM = {"name": "de", "recorded": "2.31", "actual": "2.36", "indexes": 3}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "collation_versions")


def test_fires_and_names_each():
    (value,) = values(rule, collation_versions=[ITEM])

    assert value == "database “orders”: de: built with version 2.31, now 2.36, 3 indexes"
