"""PGR162: transactions are open for long."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr162_long_transactions import rule

ITEM = {"role": "app", "database": "orders", "state": "idle in transaction", "began": "2026-11-20T01:00:00Z"}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "long_transactions")


def test_fires_and_names_each():
    (value,) = values(rule, long_transactions=[ITEM])

    assert value == "app in database orders, idle in transaction, since 2026-11-20T01:00:00Z"
