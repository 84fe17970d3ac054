"""Deny by default: a command is allowed only by a rule, which the answer names."""

from dataclasses import replace

import pytest

from bot.access.policy import CommandRequest, Policy
from bot.commands.declaration import Arguments, Command
from bot.domain.cluster import GONE, Api, Cluster
from bot.domain.command_info import CommandEffect
from bot.domain.errors import Denied
from bot.domain.request import AccountStatus, Actor, Decision, Origin
from bot.settings.model import Settings


async def never(_args, _ctx):
    raise AssertionError("policy runs nothing")


def command(name: str, *, writes: bool = False, open_to_all: bool = False) -> Command:
    return Command(
        words=tuple(name.split()),
        summary="",
        details="",
        arguments=Arguments,
        run=never,
        effect=CommandEffect.WRITE if writes else CommandEffect.READ,
        open_to_all=open_to_all,
    )


LIST = command("cluster list")
DELETE = command("cluster delete", writes=True)
HELP = command("help", open_to_all=True)
ALICE = Actor(origin=Origin.SLACK, id="U0ALICE", team="T1")
ORDERS = Cluster(id="1", api=Api.V1, contract="main", region="de/txl", name="orders-prod", state="AVAILABLE")

SETTINGS = Settings.model_validate(
    {
        "people": {"dba": ["U0ALICE", "S0DBA"], "viewer": ["U0VERA"]},
        "clusters": [
            {"match": {"name": "*-prod"}, "tier": "prod"},
            {"match": {"name": "orders-*"}, "owner": "shop"},
        ],
        "permissions": [
            {"to": ["everyone"], "allow": ["version list"]},
            {"to": ["dba"], "allow": ["cluster *"], "channels": ["C0OPS"]},
            {"to": ["viewer"], "allow": ["cluster list"], "clusters": [{"tier": "prod", "owner": "shop"}]},
        ],
    }
)
POLICY = Policy(SETTINGS)


def asked(
    actor: Actor = ALICE, what: Command = LIST, channel: str = "C0OPS", *, external: bool | None = False
) -> CommandRequest:
    return CommandRequest(actor, channel, what, external)


def test_without_settings_only_open_commands_run_in_slack():
    nothing = Policy(Settings())

    assert nothing.may_run(asked(what=HELP)).allowed
    assert not nothing.may_run(asked()).allowed
    assert nothing.may_run(asked()).trace == ("no permission allows it",)


def test_without_settings_the_terminal_reads_and_never_writes():
    terminal = Actor(origin=Origin.TERMINAL, id="root")
    nothing = Policy(Settings())

    assert nothing.may_run(asked(terminal)).allowed
    assert not nothing.may_run(asked(terminal, DELETE)).allowed
    assert nothing.may_see(asked(terminal), ORDERS).allowed


def test_a_schedule_reads_and_never_writes():
    schedule = Actor(origin=Origin.SCHEDULE, id="morning")

    assert POLICY.may_run(asked(schedule)).allowed
    assert not POLICY.may_run(asked(schedule, DELETE)).allowed


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (ALICE, True),
        (replace(ALICE, id="U0OTHER"), False),
        (replace(ALICE, id="U0OTHER", groups=frozenset({"S0DBA"})), True),
        (replace(ALICE, id="U0OTHER", groups=frozenset({"S0OTHER"})), False),
    ],
)
def test_a_role_is_held_by_user_id_or_by_user_group(actor, expected):
    assert expected is POLICY.may_run(asked(actor)).allowed


def test_a_permission_can_be_bound_to_channels():
    assert POLICY.may_run(asked()).trace == ("permission 2",)
    assert not POLICY.may_run(asked(channel="C0OTHER")).allowed


@pytest.mark.parametrize(
    ("clusters", "covers"),
    [
        (None, True),
        ([{"id": "1"}], True),
        ([{"contract": "main", "region": "DE-TXL"}], True),
        ([{"name": "*"}], False),
        ([{"tier": "any"}], False),
        ([{"owner": "shop"}], False),
        ([{"contract": "main", "name": "*"}], False),
        ([{"name": "*"}, {"region": "de/txl"}], True),
    ],
)
def test_what_is_left_of_a_cluster_that_is_gone_is_covered_by_nothing_that_asks_for_its_name(
    clusters, covers
):
    """Its former name is unknown: a pattern for every name must not count as a match."""
    tags = [{"match": {"name": "*"}, "tier": "any"}, {"match": {"contract": "main"}, "owner": "shop"}]
    grants = [{"to": ["everyone"], "allow": ["*"], "clusters": clusters}]
    policy = Policy(Settings.model_validate({"clusters": tags, "permissions": grants}))

    assert policy.may_see(asked(), replace(ORDERS, name="", state=GONE)).allowed is covers
    assert policy.may_see(asked(), replace(ORDERS, name="")).allowed  # v1 lets a cluster have no name


@pytest.mark.parametrize(
    ("place", "region", "covers"),
    [
        ("de/fra", "DE-FRA", True),
        ("de/fra/2", "de/fra", True),
        ("de/fra/", "de/fra", True),
        ("de-fra-2", "de/fra/2", True),
        ("de/fra", "de/fra/2", False),
        ("de/txl", "de/fra", False),
        ("de/fra", "de", False),
        ("", "de/fra", False),
    ],
)
def test_a_place_within_a_region_is_in_that_region(place, region, covers):
    """v2 sends a new cluster to the region's host, whatever comes after it: its rules hold there."""
    rule = {"changes": ["*"], "clusters": [{"region": region}], "need": "type the name"}
    policy = Policy(Settings.model_validate({"approvals": {"rules": [rule]}}))

    assert (policy.covering(replace(ORDERS, region=place)) == ("approval rule 1",)) is covers


def test_an_id_is_the_same_in_capital_letters():
    rule = {"changes": ["*"], "clusters": [{"id": "5F4D-8A"}], "need": "type the name"}
    policy = Policy(Settings.model_validate({"approvals": {"rules": [rule]}}))

    assert policy.covering(replace(ORDERS, id="5f4d-8a")) == ("approval rule 1",)


def test_a_permission_can_be_bound_to_clusters_by_tier_and_owner():
    vera = replace(ALICE, id="U0VERA")

    assert POLICY.may_see(asked(vera), ORDERS).allowed
    assert not POLICY.may_see(asked(vera), replace(ORDERS, name="orders-test")).allowed
    assert not POLICY.may_see(asked(vera), replace(ORDERS, name="billing-prod")).allowed


def test_many_clusters_are_judged_as_each_alone():
    names = ("orders-prod", "orders-test", "billing-prod", "", "orders-prod")
    fleet = [replace(ORDERS, name=name, id=str(number)) for number, name in enumerate(names)]
    fleet += [replace(each, state=GONE) for each in fleet]
    for who in (
        ALICE,
        replace(ALICE, id="U0VERA"),
        replace(ALICE, id="U0NOBODY"),
        Actor(origin=Origin.TERMINAL, id="root"),
    ):
        for what in (LIST, DELETE, HELP):
            alone = [each for each in fleet if POLICY.may_see(asked(who, what), each).allowed]

            assert POLICY.visible(asked(who, what), fleet) == tuple(alone)


def test_tags_follow_a_new_name():
    renamed = [replace(ORDERS, name=name) for name in ("orders-prod", "billing", "orders-prod")]

    assert [SETTINGS.tags(each).owner for each in renamed] == ["shop", None, "shop"]
    assert SETTINGS.tags(replace(ORDERS, state=GONE)).owner is None


@pytest.mark.parametrize(
    "standing", [each for each in AccountStatus if each not in {AccountStatus.MEMBER, AccountStatus.GUEST}]
)
def test_accounts_that_are_no_people_of_ours_run_nothing_at_all(standing):
    actor = replace(ALICE, standing=standing)

    assert not POLICY.may_run(asked(actor, HELP)).allowed
    assert not POLICY.may_run(asked(actor)).allowed


def test_a_guest_is_not_everyone_and_never_writes():
    guest = replace(ALICE, id="U0GUEST", standing=AccountStatus.GUEST)
    named_guest = replace(ALICE, standing=AccountStatus.GUEST)

    assert not POLICY.may_run(asked(guest, command("version list"))).allowed
    assert POLICY.may_run(asked(named_guest)).allowed
    assert not POLICY.may_run(asked(named_guest, DELETE)).allowed


def test_nothing_is_changed_from_a_channel_shared_with_another_company():
    assert POLICY.may_run(asked(what=DELETE)).allowed
    assert not POLICY.may_run(asked(what=DELETE, external=True)).allowed
    unknown = POLICY.may_run(asked(what=DELETE, external=None))
    assert unknown == Decision.no("Slack did not say whether this channel is shared with another company")
    assert POLICY.may_run(asked(external=None)).allowed


def test_a_refusal_says_why_and_whom_to_ask():
    with pytest.raises(Denied) as caught:
        POLICY.require(asked(replace(ALICE, id="U0OTHER")))

    assert caught.value.sentence == (
        "You may not run “cluster list” here: no permission allows it. "
        "Roles that may run it: dba (in C0OPS), viewer."
    )
    assert "app.yaml" in caught.value.next_step


@pytest.mark.parametrize(
    "request_",
    [
        asked(replace(ALICE, standing=AccountStatus.BOT)),
        asked(replace(ALICE, standing=AccountStatus.GUEST), DELETE),
        asked(what=DELETE, external=True),
        asked(replace(ALICE, origin=Origin.TERMINAL, id="root"), DELETE),
    ],
    ids=["an app", "a guest", "a shared channel", "the terminal"],
)
def test_no_roles_are_named_where_no_role_would_help(request_):
    decision = POLICY.may_run(request_)

    assert not decision.allowed
    assert "Roles that may" not in POLICY.describe_denial(request_, decision)


def test_roles_of_a_member_include_everyone():
    assert POLICY.roles(ALICE) == {"dba", "everyone"}
    assert POLICY.roles(replace(ALICE, standing=AccountStatus.GUEST)) == {"dba"}
