"""Slack's messages about a restore while it is well, away or slow: all of them, in order, and once."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import anyio
import pytest
from bot_site import OPS, bot_site
from form_kit import decide
from passing_time import until

from bot.changes.transitions import Transition
from bot.demo.workspace.slack_faults import SlackFault

pytestmark = pytest.mark.anyio
ALICE, BOB, CAROL = "U0ALICE", "U0BOB", "U0CAROL"
RESTORE = '/pg restore orders-prod --to 2h --reason "bad deploy"'
RESTORE_PATH = "/clusters/{clusterId}/restore"


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with anyio.create_task_group() as group:
        async with bot_site(tmp_path, monkeypatch) as site:
            yield site
            # Calls that wait for Slack end only as time passes.
            site.demo.workspace.faults.clear()
            group.start_soon(until, site, never)
        group.cancel_scope.cancel()


def never():
    return False


def card_that(site, words):
    """Return a function that finds the restore's card with these words."""

    def look():
        for message in reversed(site.demo.workspace.channels[OPS].messages.values()):
            told = message.text + json.dumps(message.blocks, ensure_ascii=False)
            is_card = message.only_for is None and message.text.startswith("Restore orders-prod")
            if is_card and words in told:
                return message
        return None

    return look


async def approved(site, fault=None):
    """Approve a restore twice, with the fault in force before the second click; return its card."""
    await site.ask(ALICE, RESTORE)
    card = await until(site, card_that(site, "waiting for 2 DBA approvals"))
    assert (await decide(site, BOB, {"ts": card.ts}, "Approve restore"))["ok"]
    await until(site, card_that(site, "bob (DBA)"))
    await site.idle()
    if fault is not None:
        site.demo.workspace.faults.add(fault)
    assert (await decide(site, CAROL, {"ts": card.ts}, "Approve restore"))["ok"]
    return card


def told(site):
    """Return whether nothing is left to post, read from the bot's database file."""

    def look():
        with closing(sqlite3.connect(site.bot.kernel.database.path)) as db:
            [[left]] = db.execute("SELECT count(*) FROM milestones WHERE posted_at IS NULL")
            [[over]] = db.execute("SELECT count(*) FROM changes WHERE state = 'done'")
        return over and not left

    return look


def decided(site):
    """Return a function that tells whether both have approved."""

    async def look():
        [record] = await site.bot.kernel.dispatcher.changes.rows.latest()
        return len(record.votes) == 2

    return look


def thread(site, card):
    """Return the lines below the card, as they were posted."""
    messages = site.demo.workspace.channels[OPS].messages.values()
    return [each for each in messages if each.thread_ts == card.ts]


async def milestones(site):
    """Return the lines as Slack's plain text has them: with each time once."""
    [record] = await site.bot.kernel.dispatcher.changes.rows.latest()
    found = await site.bot.kernel.dispatcher.changes.rows.milestones(record.id)
    return [re.sub(r" \([^()]* Europe/Berlin\)", "", each.words) for each in found]


async def test_the_thread_has_the_milestones_and_the_requester_is_mentioned_once(site):
    card = await approved(site)
    await until(site, told(site))
    lines = thread(site, card)

    assert [line.text.partition("\n")[0] for line in lines] == await milestones(site)
    mentions = [line for line in lines if f'"user_id": "{ALICE}"' in json.dumps(line.blocks)]
    assert mentions == lines[-1:]
    assert lines[-1].text.startswith("Done: it is AVAILABLE.")


@pytest.mark.parametrize(
    "fault",
    [
        SlackFault(target="chat.postMessage", kind="rate_limited", seconds=20, times=4),
        SlackFault(target="chat.postMessage", kind="rate_limited", seconds=600, times=4),
        SlackFault(target="*", kind="server_error", times=12),
        SlackFault(target="*", kind="server_error", times=30),
        SlackFault(target="chat.update", kind="error", code="internal_error", times=5),
    ],
    ids=["429 for a moment", "429 for longer", "away", "away for longer", "no edits"],
)
async def test_what_slack_missed_is_told_later_in_order(site, fault):
    card = await approved(site)
    await until(site, decided(site), seconds=0)
    site.demo.workspace.faults.add(fault)
    await until(site, told(site))
    done = await until(site, card_that(site, ": succeeded"))

    assert site.demo.workspace.faults.pending == []
    assert done.ts == card.ts
    lines = [line.text.partition("\n")[0] for line in thread(site, card)]
    assert lines == await milestones(site)


async def test_a_slack_that_keeps_the_bot_waiting_holds_up_no_restore(site):
    """Slack asks the bot to wait again and again, and it does; meanwhile the approved restore leaves."""
    await approved(site, SlackFault(target="chat.update", kind="rate_limited", seconds=55, times=40))

    # No time passes, so that every call that waits for Slack stays where it is.
    await until(site, lambda: site.demo.cloud.calls.count("POST", RESTORE_PATH), seconds=0)


async def test_how_long_it_usually_takes_is_what_the_last_ones_took(site):
    rows = site.bot.kernel.dispatcher.changes.rows
    for _ in range(3):
        new = await asked(site)
        took = {"started_at": new.proposed_at, "ended_at": new.proposed_at + timedelta(minutes=47)}
        done = Transition(at=new.proposed_at, fields={"state": "done", **took})
        await rows.step(new.id, lambda _now, done=done: done)
    new = await asked(site)
    card = await until(site, card_that(site, f"change approve {new.id}"))
    for person in (BOB, CAROL):
        assert (await decide(site, person, {"ts": card.ts}, "Approve restore"))["ok"]
        await site.idle()

    await until(site, card_that(site, "This usually takes about 47 minutes."))


async def asked(site):
    """Return a restore that Alice has just requested."""
    rows = site.bot.kernel.dispatcher.changes.rows
    known = {each.id for each in await rows.latest()}
    await site.ask(ALICE, RESTORE)
    [new] = [each for each in await rows.latest() if each.id not in known]
    return new
