"""Assertions that hold for every rule on a part of a precheck."""

from precheck_reports import precheck
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.facts import ASK_FOR_PRECHECK, NO_PRECHECK
from migrations.precheck.part_verdict import ASK_AGAIN


def values(rule, **found):
    """Assert that the rule fires on these parts, and return what its evidence says."""
    return [each.value for each in fires(rule, facts(precheck=precheck(**found))).evidence]


def severity(rule, given=None, **found):
    """Return the severity at which the rule fires on these parts."""
    verdict = rule.judge(facts(precheck=precheck(**found), **(given or {})))
    return verdict.severity or rule.severity


def assert_asks(rule, *parts):
    """Assert that the rule is quiet when nothing was found, and asks where a part was not read."""
    assert is_quiet(rule, FACTS)
    without = inconclusive(rule, facts(precheck=NO_PRECHECK))
    assert (without.why, without.question) == (NO_PRECHECK.why, ASK_FOR_PRECHECK)
    for part in parts:
        unread = inconclusive(rule, facts(precheck=precheck(**{part: None})))
        assert unread.why.endswith(": permission denied")
        assert unread.question == ASK_AGAIN
    gap = {"database": "billing", "part": "*", "why": "no connection"}
    refused = inconclusive(rule, facts(precheck=precheck(unread=[gap])))
    assert refused.why == "database “billing” was not read: no connection"
