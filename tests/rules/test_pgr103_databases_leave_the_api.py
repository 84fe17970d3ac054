"""PGR103: databases can no longer be managed through the API on v2."""

from rule_kit import FACTS, ID, MISSING, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import ClusterDatabase
from migrations.rules.pgr103_databases_leave_the_api import rule


def database(name, created_by="ionos:iam:cloud::users/1"):
    return ClusterDatabase(name=name, cluster_id=ID, owner="orders", created_by=created_by)


def test_quiet_with_system_databases_only_or_none():
    assert is_quiet(rule, facts(databases=(database("postgres", "ionos:iam:cloud:_system_"),)))
    assert is_quiet(rule, facts(databases=()))


def test_fires_on_any_other_database():
    assert [each.value for each in fires(rule, FACTS).evidence] == ["orders"]


def test_fires_on_one_made_by_sql_and_names_all_in_a_fixed_order():
    databases = (database("z"), database("", "ionos:iam:cloud:_unmanaged_"), database("old", None))

    assert [each.value for each in fires(rule, facts(databases=databases)).evidence] == ["an empty name", "z"]


def test_inconclusive_without_the_databases_or_who_made_them():
    assert inconclusive(rule, facts(databases=MISSING)).why == MISSING.why
    assert "metadata.createdBy of old" in inconclusive(rule, facts(databases=(database("old", None),))).why
