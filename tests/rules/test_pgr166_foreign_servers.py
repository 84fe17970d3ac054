"""PGR166: foreign servers are reached from here."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr166_foreign_servers import rule

ITEM = {"name": "other", "wrapper": "postgres_fdw", "user_mappings": 2}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "foreign_servers")


def test_fires_and_names_each():
    (value,) = values(rule, foreign_servers=[ITEM])

    assert value == "database “orders”: other (postgres_fdw), 2 user mappings"
