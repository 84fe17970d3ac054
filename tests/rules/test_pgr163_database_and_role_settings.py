"""PGR163: databases or roles have their own settings."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr163_database_and_role_settings import rule

ITEM = {"name": "app.key", "value": None, "role": "app", "database": None}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "database_and_role_settings")


def test_fires_and_names_each():
    (value,) = values(rule, database_and_role_settings=[ITEM])

    assert value == "app.key, value not shown (for app in every database)"
