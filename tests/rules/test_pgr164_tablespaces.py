"""PGR164: tablespaces have no counterpart in v2."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr164_tablespaces import rule

ITEM = {"name": "fast", "owner": "app"}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "tablespaces")


def test_fires_and_names_each():
    (value,) = values(rule, tablespaces=[ITEM])

    assert value == "fast of app"
