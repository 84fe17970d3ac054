"""PGR105: a database's owner is missing from the users."""

from rule_kit import FACTS, ID, MISSING, does_not_apply, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import ClusterDatabase
from migrations.rules.pgr105_owner_not_listed import rule


def database(name, owner):
    return ClusterDatabase(name=name, cluster_id=ID, owner=owner)


def test_quiet_when_every_owner_is_listed_system_users_included():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, facts(databases=(database("shop", "orders"), database("metrics", "postgres"))))
    assert does_not_apply(rule, facts(databases=()))


def test_fires_on_an_owner_that_is_not_listed_and_names_both_in_a_fixed_order():
    strange = (database("shop", "ghost"), database("mail", "Orders"), database("fine", "orders"))

    verdict = fires(rule, facts(databases=strange))

    assert [each.value for each in verdict.evidence] == ["mail belongs to Orders", "shop belongs to ghost"]


def test_fires_when_no_user_is_listed_at_all():
    assert fires(rule, facts(users=())).evidence[0].value == "orders belongs to orders"


def test_an_owner_that_is_not_listed_is_said_even_where_another_is_not_stated():
    assert fires(rule, facts(databases=(database("a", None), database("b", "ghost"))))


def test_inconclusive_without_users_databases_or_an_owner():
    assert inconclusive(rule, facts(users=MISSING)).why == MISSING.why
    assert inconclusive(rule, facts(databases=MISSING)).why == MISSING.why
    assert "properties.owner of shop" in inconclusive(rule, facts(databases=(database("shop", None),))).why
