"""PGR154: logical replication has to be set up again."""

from precheck_kit import assert_asks, severity, values
from precheck_reports import precheck
from rule_kit import facts, inconclusive

from migrations.rule import Severity
from migrations.rules.pgr154_logical_replication import rule

SUBSCRIPTION = {"name": "inbound", "database": "orders"}
PUBLICATION = {"name": "changes"}


def test_quiet_without_any_and_asks_where_it_was_not_read():
    assert_asks(rule, "subscriptions", "publications")


def test_a_subscription_is_an_action_and_a_publication_alone_is_advice():
    assert values(rule, subscriptions=[SUBSCRIPTION]) == ["subscription in database orders: inbound"]
    assert severity(rule, subscriptions=[SUBSCRIPTION], publications=[PUBLICATION]) is Severity.ACTION
    assert severity(rule, publications=[PUBLICATION]) is Severity.ADVICE


def test_a_publication_is_found_although_subscriptions_were_not_read():
    assert severity(rule, publications=[PUBLICATION], subscriptions=None) is Severity.ADVICE
    assert inconclusive(rule, facts(precheck=precheck(subscriptions=None)))
