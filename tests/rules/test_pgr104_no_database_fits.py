"""PGR104: no database's name fits into v2's credentials."""

import pytest
from rule_kit import FACTS, ID, MISSING, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import ClusterDatabase
from migrations.rules.pgr104_no_database_fits import rule

SYSTEM = "ionos:iam:cloud:_system_"


def database(name, created_by="ionos:iam:cloud::users/1"):
    return ClusterDatabase(name=name, cluster_id=ID, owner="orders", created_by=created_by)


@pytest.mark.parametrize("name", ["ab", "a" * 63, "Shop_2"])
def test_quiet_when_one_database_fits(name):
    assert is_quiet(rule, facts(databases=(database("test-dbname"), database(name))))
    assert is_quiet(rule, FACTS)


def test_a_database_made_by_sql_counts():
    assert is_quiet(rule, facts(databases=(database("shop", "ionos:iam:cloud:_unmanaged_"),)))


def test_the_platforms_mark_counts_only_at_the_end():
    assert is_quiet(rule, facts(databases=(database("shop", "ionos:iam:cloud::users/_system_/1"),)))


@pytest.mark.parametrize("name", ["a", "a" * 64, "test-dbname", "shop\n", "läden"])
def test_fires_when_none_fits(name):
    verdict = fires(rule, facts(databases=(database(name), database("postgres", SYSTEM))))

    assert [each.value for each in verdict.evidence] == [name]


def test_fires_without_a_database_of_the_customers():
    assert (
        "only system databases"
        in fires(rule, facts(databases=(database("postgres", SYSTEM),))).evidence[0].value
    )
    assert "only system databases" in fires(rule, facts(databases=())).evidence[0].value


def test_the_names_come_in_a_fixed_order_and_an_empty_one_is_said():
    verdict = fires(rule, facts(databases=(database("z-1"), database(""), database("a-1"))))

    assert [each.value for each in verdict.evidence] == ["an empty name", "a-1", "z-1"]


def test_inconclusive_without_the_databases_or_who_made_the_fitting_one():
    unclear = facts(databases=(database("test-dbname"), database("shop", None)))

    assert inconclusive(rule, facts(databases=MISSING)).why == MISSING.why
    assert "metadata.createdBy of shop" in inconclusive(rule, unclear).why
