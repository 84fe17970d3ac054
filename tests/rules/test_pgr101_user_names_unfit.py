"""PGR101: a user's name does not fit into v2's credentials."""

import pytest
from rule_kit import FACTS, ID, MISSING, does_not_apply, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import DbUser
from migrations.rules.pgr101_user_names_unfit import rule


def user(name, *, is_system=False, created_by="ionos:iam:cloud::users/1"):
    return DbUser(name=name, cluster_id=ID, is_system=is_system, created_by=created_by)


@pytest.mark.parametrize("name", ["ab", "Orders_2", "_9", "a" * 16])
def test_quiet_on_names_that_fit(name):
    assert is_quiet(rule, facts(users=(user(name),)))
    assert is_quiet(rule, FACTS)


def test_does_not_apply_to_the_platforms_own_users_and_without_any():
    marked = user("a-system-role", is_system=None, created_by="ionos:iam:cloud:_system_")

    assert does_not_apply(rule, facts(users=(user("replication-user", is_system=True), marked)))
    assert does_not_apply(rule, facts(users=()))


@pytest.mark.parametrize(
    ("name", "flaw"),
    [
        ("a", "1 characters"),
        ("a" * 17, "17 characters"),
        ("CLI-User", "characters other than"),
        ("kunde_ä", "characters other than"),
        ("orders\n", "characters other than"),
        ("Admin", "reserved"),
        ("standby", "reserved"),
        ("", "0 characters"),
    ],
)
def test_fires_on_a_name_that_does_not_fit_and_says_why(name, flaw):
    verdict = fires(rule, facts(users=(user("orders"), user(name))))

    assert len(verdict.evidence) == 1
    assert flaw in verdict.evidence[0].value


def test_the_platforms_mark_counts_only_at_the_end():
    assert fires(rule, facts(users=(user("a-role", created_by="ionos:iam:cloud::users/_system_/1"),)))


def test_the_names_come_in_a_fixed_order():
    verdict = fires(rule, facts(users=(user("z-1"), user("a-1"), user("m-1"))))

    assert [each.value[:3] for each in verdict.evidence] == ["a-1", "m-1", "z-1"]


def test_inconclusive_without_the_users_or_whose_they_are():
    assert inconclusive(rule, facts(users=MISSING)).why == MISSING.why
    assert (
        "properties.system of a-role"
        in inconclusive(rule, facts(users=(user("a-role", is_system=None),))).why
    )


def test_whose_a_fitting_name_is_does_not_matter():
    assert is_quiet(rule, facts(users=(user("orders", is_system=None),)))
