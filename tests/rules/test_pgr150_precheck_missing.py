"""PGR150: the databases have not been checked from inside."""

from precheck_kit import assert_asks

from migrations.rules.pgr150_precheck_missing import rule


def test_quiet_when_every_database_was_read_and_asks_otherwise():
    assert_asks(rule)
