"""PGR102: no user's name fits into v2's credentials."""

from rule_kit import FACTS, ID, MISSING, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import DbUser
from migrations.rules.pgr102_no_user_fits import rule


def user(name, *, is_system=False):
    return DbUser(name=name, cluster_id=ID, is_system=is_system, created_by="ionos:iam:cloud::users/1")


def test_quiet_when_one_user_fits():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, facts(users=(user("orders-reporting"), user("a" * 16))))


def test_quiet_when_one_fits_whoever_the_others_belong_to():
    assert is_quiet(rule, facts(users=(user("unclear", is_system=None), user("orders"))))


def test_fires_when_none_fits_and_shows_each_with_the_reason():
    verdict = fires(rule, facts(users=(user("b" * 17), user("a-b"), user("postgres_x", is_system=True))))

    assert [each.value for each in verdict.evidence] == [
        "a-b: has characters other than A-Z, a-z, 0-9 and _",
        f"{'b' * 17}: 17 characters",
    ]


def test_fires_when_there_are_only_system_users_or_none():
    assert fires(rule, facts(users=(user("metrics", is_system=True),))).evidence[0].value
    assert "only system users" in fires(rule, facts(users=())).evidence[0].value


def test_a_reserved_name_does_not_count():
    assert "reserved" in fires(rule, facts(users=(user("admin"),))).evidence[0].value


def test_inconclusive_without_the_users_or_whose_the_fitting_one_is():
    unclear = facts(users=(user("a-b"), user("orders", is_system=None)))

    assert inconclusive(rule, facts(users=MISSING)).why == MISSING.why
    assert "properties.system of orders" in inconclusive(rule, unclear).why


def test_it_does_not_matter_whose_the_unfit_ones_are():
    assert fires(rule, facts(users=(user("a-b", is_system=None),)))
