"""The limit of commands per person: one sentence, hardly any work, and nobody else notices."""

import asyncio
import json
from datetime import timedelta

import pytest
from bot_site import OPS, bot_site
from hypothesis import given
from hypothesis import strategies as st
from password_site import settings_with

from bot.access.command_rate import MAX_PEOPLE, CommandRate
from bot.demo.workspace import user_actions
from bot.domain.errors import LimitReached
from bot.slack.command_limit import REPORT_SECONDS

pytestmark = pytest.mark.anyio
ALICE, BOB, GUEST, STRANGER = "U0ALICE", "U0BOB", "U0GUEST", "U0STRANGER"
MOST = 5
SAYS = (
    f"You've reached the limit of {MOST} commands a minute. "
    f"Nothing was run. Try again in {60 // MOST} seconds."
)


@pytest.fixture(params=["socket", "http"])
async def site(request, tmp_path, monkeypatch):
    settings = settings_with(tmp_path, f"\nlimits: {{commands_per_minute: {MOST}}}\n")
    async with bot_site(tmp_path, monkeypatch, mode=request.param, settings=settings, clusters=12) as site:
        yield site


async def types(site, user, text, times=1):
    """Type a line several times at once; return the texts of the acks."""
    found = await asyncio.gather(*(site.slash(user, f"/pg {text}") for _ in range(times)))
    return [(each["ack"] or {}).get("text", "") if each["ack"] else "" for each in found]


def limited(site):
    return [row for row in site.audit() if row["outcome"] == "limited"]


async def rows_of_inbox(site):
    return await site.bot.kernel.database.read(lambda db: db["inbox"].count)


async def test_beyond_the_limit_a_command_is_answered_by_its_ack_and_leaves_no_work(site):
    acks = await types(site, BOB, "report list", times=MOST)
    await site.idle()
    calls, inbox = len(site.demo.cloud.calls.rows()), await rows_of_inbox(site)
    more = await types(site, BOB, "cluster list", times=3 * MOST)

    assert (set(acks), set(more)) == ({""}, {SAYS})
    assert len(site.demo.cloud.calls.rows()) == calls
    assert await rows_of_inbox(site) == inbox
    (row,) = limited(site)
    assert (row["actor"], row["detail"], row["code"]) == (f"slack:{BOB}", SAYS, "policy.limit_reached")


async def test_others_and_help_are_not_affected_and_it_is_free_again_when_said(site):
    await types(site, BOB, "report list", times=MOST + 1)
    await site.idle()

    assert "You are alice" in (await site.ask(ALICE, "/pg whoami"))["text"]
    assert "You are bob" in (await site.ask(BOB, "/pg whoami"))["text"]
    assert "cluster list" in json.dumps(await site.ask(BOB, "/pg help"))
    site.demo.clock.advance(timedelta(seconds=60 / MOST))
    assert await types(site, BOB, "report list", times=2) == ["", SAYS]


async def test_what_was_turned_away_is_counted_in_the_audit_log_once_a_minute(site):
    await types(site, BOB, "report list", times=3 * MOST)
    site.demo.clock.advance(timedelta(seconds=REPORT_SECONDS))
    async with asyncio.timeout(120):
        while len(limited(site)) < 2:
            await asyncio.sleep(0.01)

    further = limited(site)[1]
    assert further["detail"].startswith(f"{2 * MOST - 1} further commands over the limit")
    assert further["code"] == "policy.limit_reached"


async def test_a_guest_has_the_same_limit(site):
    acks = await types(site, GUEST, "cluster list", times=MOST + 1)

    assert acks.count(SAYS) == 1


async def test_a_person_of_another_company_cannot_fill_the_audit_log(site):
    for _ in range(2 * MOST):
        await site.slash(STRANGER, "/pg cluster list", "C0SHARED")

    assert [row["outcome"] for row in site.audit()] == ["refused"] * MOST + ["limited"]


async def test_a_mention_and_a_button_beyond_the_limit_are_answered_by_one_message(site):
    shown = await site.ask(BOB, "/pg cluster list")
    await types(site, BOB, "report list", times=MOST - 1)
    await site.idle()
    workspace = site.demo.workspace
    for _ in range(5):
        user_actions.say(workspace, user=BOB, channel=OPS, text="<@U0PGBOT> cluster list")
        await site.click(BOB, shown, "Share to channel")

    async def told():
        return [each for each in await site.seen(BOB) if "You've reached the limit" in each["text"]]

    async with asyncio.timeout(120):
        while not await told():
            await asyncio.sleep(0.01)
    assert len(await told()) == 1
    assert len(limited(site)) == 1


STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 30)), max_size=200)


@given(STEPS, st.integers(1, 30))
def test_nobody_runs_more_in_any_minute_and_each_waits_no_longer_than_needed(steps, most):
    rate, now, ran = CommandRate(most), 0.0, {"a": [], "b": []}
    for person, pause in steps:
        now += pause / 10
        try:
            rate.take(person, now)
        except LimitReached as error:
            seconds = int(error.next_step.removeprefix("Nothing was run. Try again in ").split()[0])
            assert seconds <= 60 / most + 1
            now += seconds
            rate.take(person, now)
        ran[person].append(now)
    for times in ran.values():
        assert all(sum(at <= each < at + 60 for each in times) <= 2 * most for at in times)


def test_people_are_forgotten_before_they_fill_the_memory():
    rate = CommandRate(5)
    for number in range(2 * MAX_PEOPLE):
        rate.take(f"U{number}", number / 10)

    assert len(rate._people) <= MAX_PEOPLE
