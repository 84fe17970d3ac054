"""Selectors of app.yaml: names compared in one way, and the default where none matches."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_changes import NEEDS, StoredChanges

from bot.access.policy import Policy
from bot.changes import transitions
from bot.domain.cluster import Api, Cluster
from bot.domain.errors import BadArgument
from bot.domain.migration_records import Waiver
from bot.domain.plan import Harm, Plan, PlanTarget
from bot.settings.model import Settings
from migrations.readiness import merge_waivers

ROOM = StoredChanges(Path())
ORDERS = Cluster(id="1", api=Api.V1, contract="Main", region="de/txl", name="Größe-Prod 1", state="AVAILABLE")
SECTIONS = {
    "people": {"dba": ["U1", "U2"], "dev": ["U3"]},
    "clusters": [{"match": {"name": "*prod*"}, "owner": "@Shop", "tier": "Prod"}],
}


def spellings(text):
    """Return a strategy for spellings of a text that people would take for the same."""
    case = st.lists(st.booleans(), min_size=len(text), max_size=len(text)).map(
        lambda upper: "".join(a.upper() if up else a.lower() for a, up in zip(text, upper, strict=True))
    )
    form = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])
    unseen = st.sampled_from(["", "\u200b", "\u00ad", "\ufe0f", "\u2060"])
    return st.builds(
        lambda one, way, mark, at: normalize(way, one[:at] + mark + one[at:]),
        case,
        form,
        unseen,
        st.integers(0, len(text)),
    )


@pytest.mark.parametrize(
    "selector",
    [
        {"name": "größe-prod*"},
        {"name": "*PROD*"},
        {"name": "GRÖSSE-PROD 1"},
        {"tier": "prod"},
        {"owner": "shop"},
        {"owner": "@SHOP"},
        {"contract": "main"},
        {"contract": "MAIN", "tier": "PROD", "owner": "Shop", "name": "gr*"},
    ],
)
@given(name=spellings("größe-prod 1"))
def test_however_a_name_is_spelled_the_same_rules_and_permissions_cover_it(selector, name):
    rule = {"changes": ["Cluster Delete"], "clusters": [selector], "roles": {"dba": 2}}
    grant = {"to": ["dba"], "allow": ["CLUSTER *"], "clusters": [selector]}
    policy = Policy(
        Settings.model_validate({**SECTIONS, "approvals": {"rules": [rule]}, "permissions": [grant]})
    )

    assert policy.covering(replace(ORDERS, name=name)) == ("approval rule 1", "permission 1")
    assert policy.need(deletion(name)).rule == "approval rule 1"


def deletion(name, harm=Harm.DESTRUCTIVE):
    target = PlanTarget.of(replace(ORDERS, name=name))
    return Plan(command="cluster delete", arguments={}, target=target, action="Delete", harm=harm)


@given(called=spellings("größe-prod 1"), typed=spellings("größe-prod 1"))
def test_a_name_is_confirmed_however_it_is_typed_and_another_is_not(called, typed):
    record = change_of(called)

    assert transitions.confirm(record, ROOM.voter("ann"), name=typed).vote is not None
    for wrong in ("", "größe-prod", typed + "1", "\u200b"):
        with pytest.raises(BadArgument):
            transitions.confirm(record, ROOM.voter("ann"), name=wrong)


def test_a_cluster_whose_name_nobody_can_see_is_confirmed_by_its_id():
    record = change_of("\u200b\u2060")

    with pytest.raises(BadArgument, match="type the cluster's name: 1"):
        transitions.confirm(record, ROOM.voter("ann"), name="")
    assert transitions.confirm(record, ROOM.voter("ann"), name="1").vote is not None


def change_of(name):
    """Return a change of ann's that is confirmed by name, about a cluster called so."""
    return replace(ROOM.record("1", NEEDS[2], "ann"), plan=deletion(name))


@pytest.mark.parametrize("pattern", ["größe-prod 1", "GRÖSSE*", normalize("NFD", "größe-prod ?"), "ID-1"])
def test_a_waiver_of_app_yaml_is_for_the_cluster_however_it_is_spelled(pattern):
    waiver = Waiver("PGR020", pattern, datetime(2027, 1, 1, tzinfo=UTC), "shop", "accepted")
    clusters = [replace(ORDERS, id="id-1"), replace(ORDERS, id="id-2", name="other")]

    assert [each.cluster for each in merge_waivers((), (waiver,), clusters)] == ["id-1"]


# Where no rule matches


PROD = {"changes": ["cluster delete", "restore"], "clusters": [{"name": "*prod*"}], "roles": {"dba": 2}}
TEST = {"changes": ["cluster delete"], "clusters": [{"name": "*test*"}], "roles": {"dev": 1}, "reason": True}
OTHER = {"changes": ["cluster resize"], "clusters": [{"name": "*prod*"}], "roles": {"dev": 1}}


def default_policy(**default):
    approvals = {"rules": [PROD, TEST, OTHER], **({"default": default} if default else {})}
    return Policy(Settings.model_validate({**SECTIONS, "approvals": approvals}))


def test_without_a_default_what_loses_data_needs_what_all_rules_for_the_command_ask_for():
    need = default_policy().need(deletion("scratch"))

    assert need.words() == "2 DBA approvals, and 1 dev approval"
    assert need.rule == (
        "approval rule 1, since no rule covers the cluster; approval rule 2, since no rule covers the cluster"
    )
    assert [each.rule for each in need.conditions if each.reason] == [need.approvals[1].rule]


@pytest.mark.parametrize("harm", [Harm.MILD, Harm.NOTICED])
def test_without_a_default_what_loses_no_data_needs_a_confirmation(harm):
    assert default_policy().need(deletion("scratch", harm)).words() == "a confirmation"


@pytest.mark.parametrize("harm", Harm)
def test_a_default_decides_where_no_rule_does_and_only_there(harm):
    policy = default_policy(roles={"dev": 2}, reason=True)
    need = policy.need(deletion("scratch", harm))

    assert (need.words(), need.rule) == ("2 dev approvals", "approvals.default")
    assert policy.need(deletion("orders-prod", harm)).rule == "approval rule 1"


@pytest.mark.parametrize(
    ("harm", "words"),
    [(Harm.MILD, "a confirmation"), (Harm.DESTRUCTIVE, "a confirmation with the cluster's name")],
)
def test_a_default_takes_nothing_away_from_what_the_harm_asks_for(harm, words):
    assert default_policy(need="none").need(deletion("scratch", harm)).words() == words


def test_clusters_are_left_to_the_default_where_a_change_has_rules_and_they_have_none():
    clusters = [replace(ORDERS, id=name, name=name) for name in ("a-Prod", "a-test", "scratch")]

    def left(command):
        return [each.name for each in default_policy().left_to_default(command, clusters)]

    assert left("cluster delete") == ["scratch"]
    assert left("restore") == left("cluster resize") == ["a-test", "scratch"]
    assert left("cluster rename") == []
