"""PGR156: columns have types that an upgrade refuses."""

from precheck_kit import assert_asks, severity, values
from rule_kit import MISSING

from migrations.rule import Severity
from migrations.rules.pgr156_refused_types import rule

ALWAYS = {
    "schema": "public",
    "table": "jobs",
    "column": "handler",
    "type": "regproc[]",
    "cause": "regproc",
    "refused_from": 0,
}
LATER = ALWAYS | {"type": "aclitem", "cause": "aclitem", "refused_from": 16}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "refused_types")


def test_fires_and_says_from_which_major_on():
    assert values(rule, refused_types=[ALWAYS, LATER]) == [
        "database “orders”: public.jobs.handler is regproc[] (regproc)",
        "database “orders”: public.jobs.handler is aclitem (aclitem, refused by PostgreSQL 16 and later)",
    ]


def test_it_blocks_where_v2_does_not_offer_the_major():
    assert severity(rule, refused_types=[ALWAYS]) is Severity.ACTION
    assert severity(rule, {"postgres_version": "14"}, refused_types=[ALWAYS]) is Severity.BLOCKER
    assert severity(rule, {"postgres_version": None}, refused_types=[ALWAYS]) is Severity.ACTION
    unknown = {"postgres_version": "14", "v2_versions": MISSING}
    assert severity(rule, unknown, refused_types=[ALWAYS]) is Severity.ACTION
