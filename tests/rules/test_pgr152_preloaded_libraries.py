"""PGR152: libraries are preloaded."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr152_preloaded_libraries import rule

ITEM = {"setting": "shared_preload_libraries", "value": "pg_cron"}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "preloaded_libraries")


def test_fires_and_names_each():
    (value,) = values(rule, preloaded_libraries=[ITEM])

    assert value == "shared_preload_libraries = pg_cron"
