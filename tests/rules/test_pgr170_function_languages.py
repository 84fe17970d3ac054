"""PGR170: functions need further languages."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr170_function_languages import rule

ITEM = {"name": "plpython3u", "trusted": False, "functions": 4}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "languages")


def test_fires_and_names_each():
    (value,) = values(rule, languages=[ITEM])

    assert value == "database “orders”: plpython3u, untrusted: 4 functions"
