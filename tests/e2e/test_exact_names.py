"""Users are addressed by exactly what was typed: a name that looks the same is only suggested."""

from dataclasses import replace

import pytest
from form_kit import text_of
from password_site import propose, run_change, type_line
from programs_site import open_programs_stage, run
from rules_site import ALICE, everything_seen, find_cluster, requests_to, rules_document, rules_site

from bot.changes.record import ChangeState
from bot.domain.error_codes import ExitCode
from bot.domain.nearest_names import spell_code_points

pytestmark = pytest.mark.anyio

RULE = {"changes": ["*"], "need": "confirm"}
COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"

ALIKE = [
    (COMPOSED, DECOMPOSED),
    (DECOMPOSED, COMPOSED),
    ("a&b", "a&amp;b"),
    ("a&amp;b", "a&b"),
    ("<b>", "b"),
    ("ord\u200bers", "orders"),
    ("O\u2019Brien", "O'Brien"),
    ("Orders", "orders"),
]
"""A name that is typed, and one that a reader of it could take it for."""


def quoted(name):
    """Return the name as a person types it: in quotes where a blank or an apostrophe asks for them."""
    return f'"{name}"'


def add_user(cluster, name):
    known = next(iter(cluster.users.values()))
    cluster.users[name] = replace(known, username=name)


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_in_slack_a_user_is_deleted_by_its_own_name_alone(tmp_path, monkeypatch, mode):
    async with rules_site(tmp_path, monkeypatch, rules_document(RULE), mode=mode) as site:
        users = dict(find_cluster(site, "orders-staging").users)
        for typed, other in ALIKE:
            find_cluster(site, "orders-staging").users = dict(users)
            await deleted_by_its_own_name_alone(site, typed, other, runs=mode == "socket")


async def deleted_by_its_own_name_alone(site, typed, other, *, runs):
    """Type it without and with the user; a change that `runs` is the same after the request in both modes."""
    staging = find_cluster(site, "orders-staging")
    add_user(staging, other)
    known, before = {each["ts"] for each in await site.seen(ALICE)}, requests_to(site, staging)
    await type_line(site, ALICE, f"/pg user delete orders-staging {quoted(typed)}")
    refused = "".join(text_of(each) for each in await site.seen(ALICE) if each["ts"] not in known)
    sent = requests_to(site, staging)
    add_user(staging, typed)
    request = run_change if runs else propose
    record = await request(site, ALICE, f"/pg user delete orders-staging {quoted(typed)}")

    assert "orders-staging has no user" in refused, typed
    assert sent == before
    shown = typed if typed.isascii() else f"“{typed}” ({spell_code_points(typed)})"
    assert record.plan.action == f"Delete user {shown} in orders-staging"
    assert record.plan.order["user"] == typed
    if runs:
        assert record.state is ChangeState.DONE
        assert other in staging.users
        assert typed not in staging.users


async def test_what_cannot_be_told_apart_by_looking_is_spelled(tmp_path, monkeypatch):
    async with rules_site(tmp_path, monkeypatch, rules_document(RULE)) as site:
        add_user(find_cluster(site, "orders-staging"), COMPOSED)
        await type_line(site, ALICE, f"/pg user show orders-staging {DECOMPOSED}")
        seen = await everything_seen(site, ALICE)

    assert f"Did you mean “{COMPOSED}” (caf<U+00E9>)? You typed “{DECOMPOSED}” (cafe<U+0301>)." in seen


@pytest.mark.parametrize(
    ("one", "other"), [(COMPOSED, DECOMPOSED), ("orders", "ord\u200bers"), ("a b", "a  b")]
)
async def test_of_two_clusters_that_look_alike_both_are_shown_with_ids(tmp_path, monkeypatch, one, other):
    async with rules_site(tmp_path, monkeypatch, rules_document(RULE)) as site:
        found = [find_cluster(site, name) for name in ("orders-staging", "orders-prod")]
        for each, name in zip(found, (one, other), strict=True):
            each.name = name
        await type_line(site, ALICE, f"/pg cluster delete {quoted(other)}")
        asked, sent = await everything_seen(site, ALICE), [requests_to(site, each) for each in found]
        record = await propose(site, ALICE, f"/pg cluster delete {found[1].id}")
        card = await everything_seen(site, ALICE)

    assert "matches 2 clusters" in asked
    assert all(each.id in asked for each in found)
    assert sent == [[], []]
    assert record.plan.target.id == found[1].id
    assert f", id {found[1].id}" in card


async def test_text_in_slack_is_decoded_once(tmp_path, monkeypatch):
    async with rules_site(tmp_path, monkeypatch, rules_document(RULE)) as site:
        staging = find_cluster(site, "orders-staging")
        for name in ("a&b", "a&amp;b"):
            add_user(staging, name)
        record = await propose(site, ALICE, '/pg user delete orders-staging "a&amp;b" --reason "<b> & &lt;"')

    assert record.plan.order["user"] == "a&amp;b"
    assert record.reason == "<b> & &lt;"


@pytest.mark.parametrize("name", ["a&amp;b", "<b>", "<@U0BOB|bob>", DECOMPOSED, "ord\u200bers"])
async def test_at_the_terminal_nothing_is_decoded(tmp_path, name):
    """A real process: what the shell hands over is what is looked for."""
    async with open_programs_stage(tmp_path) as (_, environment):
        ended = await run("run", "--json", "user show orders-prod", name, env=environment)

    assert ended.code == ExitCode.NOT_FOUND
    assert ended.json()["data"]["message"] == f"orders-prod has no user “{name}”."
