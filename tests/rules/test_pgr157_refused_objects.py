"""PGR157: an upgrade refuses some objects."""

from precheck_kit import assert_asks, severity, values
from precheck_reports import precheck
from rule_kit import facts, is_quiet

from migrations.rule import Severity
from migrations.rules.pgr157_refused_objects import rule

OPERATOR = {"kind": "postfix operator", "schema": "public", "name": "!", "refused_from": 14}
CLOSED = {"name": "archive", "takes_connections": False}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "refused_objects", "databases")
    assert is_quiet(rule, facts(precheck=precheck(databases=[CLOSED | {"takes_connections": True}])))


def test_fires_on_objects_and_on_databases_that_take_no_connections():
    assert values(rule, refused_objects=[OPERATOR]) == [
        "database “orders”: postfix operator public.!, refused by PostgreSQL 14 and later"
    ]
    assert values(rule, databases=[CLOSED]) == ["database archive does not allow connections"]


def test_it_blocks_where_v2_does_not_offer_the_major():
    assert severity(rule, refused_objects=[OPERATOR]) is Severity.ACTION
    assert severity(rule, {"postgres_version": "13"}, databases=[CLOSED]) is Severity.BLOCKER
