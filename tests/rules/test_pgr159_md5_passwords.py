"""PGR159: roles have md5 passwords."""

from precheck_kit import assert_asks, values

from migrations.rules.pgr159_md5_passwords import rule

ITEM = {"name": "app\nname"}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "md5_passwords")


def test_fires_and_names_each():
    (value,) = values(rule, md5_passwords=[ITEM])

    assert value == "app\\nname"
