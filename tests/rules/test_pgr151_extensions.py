"""PGR151: extensions are in use."""

from precheck_kit import assert_asks, values
from precheck_reports import precheck
from rule_kit import facts, is_quiet

from migrations.rules.pgr151_extensions import rule

ITEM = {"name": "postgis", "version": "3.4.2", "default_version": "3.5.0"}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "extensions")


def test_fires_and_names_each():
    (value,) = values(rule, extensions=[ITEM])

    assert value == "database “orders”: postgis 3.4.2, and the server has 3.5.0"


def test_what_every_database_has_is_no_finding():
    plain = {"name": "plpgsql", "version": "1.0", "default_version": "1.0"}

    assert is_quiet(rule, facts(precheck=precheck(extensions=[plain])))
    assert len(values(rule, extensions=[plain, ITEM])) == 1
