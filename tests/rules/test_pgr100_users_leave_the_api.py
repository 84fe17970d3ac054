"""PGR100: users can no longer be managed through the API on v2."""

from rule_kit import FACTS, ID, MISSING, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import DbUser
from migrations.rules.pgr100_users_leave_the_api import rule


def user(name, *, is_system=False, created_by="ionos:iam:cloud::users/1"):
    return DbUser(name=name, cluster_id=ID, is_system=is_system, created_by=created_by)


def test_quiet_with_system_users_only_or_none():
    marked = user("replica", is_system=None, created_by="ionos:iam:cloud:_system_")

    assert is_quiet(rule, facts(users=(user("postgres", is_system=True), marked)))
    assert is_quiet(rule, facts(users=()))


def test_fires_on_any_other_user():
    assert [each.value for each in fires(rule, FACTS).evidence] == ["orders"]


def test_fires_on_one_made_by_sql_and_names_all_in_a_fixed_order():
    users = (user("z"), user("", created_by="ionos:iam:cloud:_unmanaged_"), user("old", is_system=None))

    assert [each.value for each in fires(rule, facts(users=users)).evidence] == ["an empty name", "z"]


def test_inconclusive_without_the_users_or_whose_they_are():
    assert inconclusive(rule, facts(users=MISSING)).why == MISSING.why
    assert "properties.system of old" in inconclusive(rule, facts(users=(user("old", is_system=None),))).why
