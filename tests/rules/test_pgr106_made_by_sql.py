"""PGR106: users or databases are managed with SQL already."""

from rule_kit import FACTS, ID, MISSING, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import ClusterDatabase, DbUser
from migrations.rules.pgr106_made_by_sql import rule

BY_SQL = "ionos:iam:cloud:_unmanaged_"


def user(name, created_by):
    return DbUser(name=name, cluster_id=ID, is_system=False, created_by=created_by)


def database(name, created_by):
    return ClusterDatabase(name=name, cluster_id=ID, owner="orders", created_by=created_by)


def test_quiet_when_the_api_or_the_platform_made_all():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, facts(users=(user("orders", "ionos:iam:cloud::users/_unmanaged_/1"),)))
    assert is_quiet(rule, facts(users=(), databases=()))


def test_fires_on_users_and_on_databases_and_says_which_call_showed_them():
    verdict = fires(
        rule,
        facts(
            users=(user("z_sql", BY_SQL), user("a_sql", BY_SQL), user("orders", "ionos:iam:cloud::users/1")),
            databases=(database("shop_sql", BY_SQL),),
        ),
    )

    assert [(each.value, each.call) for each in verdict.evidence] == [
        ("user a_sql: _unmanaged_", "v1 GET /clusters/{id}/users?system=true"),
        ("user z_sql: _unmanaged_", "v1 GET /clusters/{id}/users?system=true"),
        ("database shop_sql: _unmanaged_", "v1 GET /clusters/{id}/databases"),
    ]


def test_fires_even_where_another_does_not_say_who_made_it():
    assert fires(rule, facts(users=(user("old", None), user("new", BY_SQL))))


def test_inconclusive_without_users_databases_or_who_made_them():
    assert inconclusive(rule, facts(users=MISSING)).why == MISSING.why
    assert inconclusive(rule, facts(databases=MISSING)).why == MISSING.why
    assert "metadata.createdBy of old" in inconclusive(rule, facts(users=(user("old", None),))).why
    assert "metadata.createdBy of shop" in inconclusive(rule, facts(databases=(database("shop", None),))).why
