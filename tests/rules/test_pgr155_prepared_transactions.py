"""PGR155: prepared transactions are open."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr155_prepared_transactions import rule

ITEM = {"name": "it's", "owner": "app", "database": "orders", "prepared": "2026-11-20T07:00:00Z"}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "prepared_transactions")


def test_fires_and_names_each():
    (value,) = values(rule, prepared_transactions=[ITEM])

    assert value == "it's of app in database orders, since 2026-11-20T07:00:00Z"
