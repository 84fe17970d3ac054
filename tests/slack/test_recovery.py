"""A crash between ack and answer: the person hears of it once; only harmless commands run again."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import aiohttp
import anyio
import anyio.lowlevel
import pytest
from bot_site import bot_site
from odd_slack import odd_slack
from outbox_kit import make_outbox, open_database
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs
from terminal_site import terminal_site

from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.audit.verify import verify
from bot.changes.notices import Escalation
from bot.demo.virtual_clock import EPOCH, VirtualClock
from bot.domain.request import Actor, Invocation, Origin
from bot.runtime.database.database import SqliteDatabase
from bot.slack.directory import Directory, OwnCompany
from bot.slack.inbox import KEEP, Inbox
from bot.slack.outbox import SlackNotices
from bot.slack.responder import ReplyTarget, Responder
from bot.slack.web_api import WebApiCalls

pytestmark = pytest.mark.anyio


def delivery(clock, key, text="cluster list", user="U0BOB"):
    actor = Actor(origin=Origin.SLACK, id=user, team="T0DEMO")
    return Invocation(key=key, trace=f"t-{key}", actor=actor, channel="C0OPS", text=text, at=clock.now())


@pytest.fixture
async def left_behind(tmp_path):
    """Store a delivery that an earlier process accepted and did not answer."""
    database = SqliteDatabase(tmp_path / "data" / "pgbot.db")
    await database.open()
    clock = VirtualClock()
    inbox = Inbox(database, clock)
    await inbox.accept(delivery(clock, "answered"))
    await inbox.answered("answered")
    await inbox.accept(delivery(clock, "cut off"))
    await database.close()


async def direct_messages(site, user):
    channels = (await site.http.get("/_workspace/channels", params={"user": user})).json()["channels"]
    direct = next(channel["id"] for channel in channels if channel["kind"] == "im")
    return await site.seen(user, direct)


async def test_who_was_cut_off_is_told_by_direct_message(left_behind, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.idle()
        (message,) = await direct_messages(site, "U0BOB")

        assert "restarted before it began with “cluster list”" in message["text"]
        assert "Nothing was done" in message["text"]
        assert site.audit() == []

    async with bot_site(tmp_path, monkeypatch) as site:
        await site.idle()
        await anyio.lowlevel.checkpoint()
        assert await direct_messages(site, "U0BOB") == []


async def test_the_button_runs_it_again(left_behind, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.idle()
        channels = (await site.http.get("/_workspace/channels", params={"user": "U0BOB"})).json()["channels"]
        direct = next(channel["id"] for channel in channels if channel["kind"] == "im")
        (message,) = await site.seen("U0BOB", direct)

        await site.click("U0BOB", message, "Run it again", direct)
        await site.idle()

        assert site.audit()[-1]["outcome"] == "ok"


def entry(kind, outcome, key="cut off", command="cluster list"):
    return AuditEntry(
        at=EPOCH,
        kind=kind,
        trace=f"t-{key}",
        team="T0DEMO",
        actor="slack:U0BOB",
        channel="C0OPS",
        command=command,
        text="cluster list",
        outcome=outcome,
    )


async def leave_behind(tmp_path, *entries, text="cluster list"):
    """Store a delivery and audit rows of an earlier process, without the answer."""
    database = SqliteDatabase(tmp_path / "data" / "pgbot.db")
    await database.open()
    clock = VirtualClock()
    await Inbox(database, clock).accept(delivery(clock, "cut off", text))
    for each in entries:
        await AuditLog(database).append(each)
    await database.close()


async def test_a_look_that_was_cut_off_is_run_again_and_answered_by_direct_message(tmp_path, monkeypatch):
    await leave_behind(tmp_path, entry("invocation", "accepted"))

    async with bot_site(tmp_path, monkeypatch) as site:
        await site.idle()
        (message,) = await direct_messages(site, "U0BOB")

    assert message["text"].startswith("44 clusters")
    assert "Run again after a restart" in json.dumps(message)
    assert [row["outcome"] for row in site.audit()] == ["accepted", "cut off", "accepted", "ok"]


async def test_a_look_that_takes_the_bot_down_twice_is_not_tried_a_third_time(tmp_path, monkeypatch):
    rows = [("invocation", "accepted"), ("outcome", "cut off"), ("invocation", "accepted")]
    await leave_behind(tmp_path, *(entry(*row) for row in rows))

    async with bot_site(tmp_path, monkeypatch) as site:
        await site.idle()
        (message,) = await direct_messages(site, "U0BOB")

    assert "before it could finish" in message["text"]
    assert len(site.audit()) == 3


async def test_a_line_of_which_a_part_was_hidden_is_not_run_again(tmp_path, monkeypatch):
    await leave_behind(tmp_path, entry("invocation", "accepted"), text="cluster list password=hunter2hunter2")

    async with bot_site(tmp_path, monkeypatch) as site:
        await site.idle()
        (message,) = await direct_messages(site, "U0BOB")

    assert "before it could finish" in message["text"]
    assert [row["outcome"] for row in site.audit()] == ["accepted", "cut off"]


async def test_a_command_cut_off_half_way_gets_its_outcome_row_once(tmp_path, monkeypatch):
    await leave_behind(tmp_path, entry("invocation", "accepted", command="cluster rename"))

    for _ in range(2):
        async with bot_site(tmp_path, monkeypatch) as site:
            await site.idle()
            said = [message["text"] for message in await direct_messages(site, "U0BOB")]
            # Each bot has a workspace of its own, and the second one has no anchor of its data.
            began, outcome = [row for row in site.audit() if row["kind"] != "lineage"]
            assert verify([site.bot.kernel.database.path]).bad is None

    assert said == []
    assert (began["outcome"], outcome["outcome"]) == ("accepted", "cut off")
    for same in ("trace", "team", "actor", "channel", "command", "text"):
        assert outcome[same] == began[same]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("invocation", "accepted", "cut off", "restore")], "before it could finish “cluster list”"),
        ([("invocation", "accepted", "cut off", "restore")], "may or may not have run"),
        ([("invocation", "accepted"), ("outcome", "cut off")], "before it could finish “cluster list”"),
        (
            [("invocation", "accepted"), ("outcome", "ok")],
            "You may not have seen the bot's answer to “cluster list”",
        ),
        ([("invocation", "accepted"), ("outcome", "ok")], "t-cut off: ok"),
        ([("invocation", "denied")], "t-cut off: denied"),
    ],
)
async def test_who_is_told_of_a_restart_is_told_what_is_known(tmp_path, monkeypatch, rows, says):
    await leave_behind(tmp_path, *(entry(*row) for row in rows))

    async with bot_site(tmp_path, monkeypatch) as site:
        await site.idle()
        (message,) = await direct_messages(site, "U0BOB")

    assert says in json.dumps(message, ensure_ascii=False)


async def test_one_who_cannot_be_told_holds_up_nobody_and_an_approver_hears_of_it(tmp_path, monkeypatch):
    database = SqliteDatabase(tmp_path / "data" / "pgbot.db")
    await database.open()
    clock = VirtualClock()
    inbox = Inbox(database, clock)
    for number, user in enumerate(["U0NOBODY", "", "U0BOB"]):
        await inbox.accept(delivery(clock, f"{number}", user=user))
    await database.close()

    async with bot_site(tmp_path, monkeypatch) as site:
        with anyio.fail_after(120):
            while len(await direct_messages(site, "U0BOB")) < 2:
                await anyio.sleep(0.01)
                # Bob is told first; what he hears as an approver has its own second.
                site.demo.clock.advance(timedelta(seconds=1))
        own, others = await direct_messages(site, "U0BOB")

    assert "restarted before it began" in own["text"]
    assert "2 answers could not be sent to U0NOBODY" in others["text"]


class Hasty(VirtualClock):
    """A clock that jumps ahead instead of waiting, since messages to one person are a second apart."""

    async def sleep(self, seconds):
        self.advance(timedelta(seconds=max(seconds, 0)))


class Fragile(Inbox):
    """An inbox that raises an unforeseen exception for one delivery."""

    async def answered(self, key):
        if key == "0":
            raise ZeroDivisionError
        await super().answered(key)


def make_responder(directory, kernel, outbox, inbox, clock):
    escalation = Escalation(SlackNotices(outbox), kernel.setup.settings)
    return Responder(directory, replace(kernel.dispatcher, clock=clock), outbox, inbox, escalation)


@asynccontextmanager
async def answering(tmp_path, monkeypatch, answers, clock=None):
    """Open a responder with a Slack that gives `answers` and an inbox with three deliveries."""
    clock = clock or Hasty()
    async with (
        terminal_site(tmp_path, monkeypatch) as terminal,
        odd_slack(answers) as slack,
        aiohttp.ClientSession() as session,
        open_database() as database,
    ):
        inbox = Fragile(terminal.kernel.database, clock)
        for number in range(3):
            await inbox.accept(delivery(clock, f"{number}"))
        client = AsyncWebClient(token="xoxb-x", base_url=slack.url, session=session)
        directory = Directory(client, WebApiCalls(clock), OwnCompany("T0DEMO"), frozenset())
        yield (
            make_responder(
                directory, terminal.kernel, make_outbox(client, session, clock, database), inbox, clock
            ),
            terminal,
        )


DIRECT = {"ok": True, "channel": {"id": "D1"}, "ts": "1.2"}
POSTED = {"ok": True, "channel": "D1", "ts": "1.2"}
TAKEN = {"conversations.open": DIRECT, "chat.postMessage": POSTED}
REFUSED = {"chat.postEphemeral": {"ok": False, "error": "channel_not_found"}}
NO_SUCH = {"conversations.open": {"ok": False, "error": "user_not_found"}, "chat.postMessage": POSTED}
NO_USER = {"users.info": {"ok": True}, "conversations.open": DIRECT}


@pytest.mark.parametrize(("answers", "told"), [(TAKEN, 3), (NO_SUCH, 0)])
async def test_a_delivery_that_fails_as_nobody_foresaw_holds_up_none_of_the_others(
    tmp_path, monkeypatch, answers, told
):
    async with answering(tmp_path, monkeypatch, answers) as (site, _):
        assert told == await site.answer_interrupted(await site.inbox.unanswered())
        assert [left.key for left in await site.inbox.unanswered()] == ["0"]


AWAY = {"ok": False, "error": "internal_error"}
WHO = {
    "conversations.info": {"ok": True, "channel": {"id": "C0OPS", "is_ext_shared": False}},
    "users.info": {
        "ok": True,
        "user": {"id": "U0BOB", "team_id": "T0DEMO"}
        | dict.fromkeys(["deleted", "is_bot", "is_restricted", "is_ultra_restricted"], False),
    },
}


async def minutes_pass(site, since):
    """Wait until five minutes have passed on the clock of a site, which jumps."""
    with anyio.fail_after(120):
        while site.dispatcher.clock.now() < since + timedelta(minutes=5):
            await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("word", ["internal_error", "ratelimited", ""], ids=["trouble", "limit", "no answer"])
async def test_while_slack_is_away_a_delivery_stays_open_and_is_told_once_slack_is_back(
    tmp_path, monkeypatch, word
):
    answer = {"ok": False, "error": word}
    answers = {"conversations.open": DIRECT, "chat.postMessage": answer}
    async with answering(tmp_path, monkeypatch, answers) as (site, _):
        since = site.dispatcher.clock.now()
        left = await site.inbox.unanswered()
        task = asyncio.create_task(site.answer_interrupted(left))
        await minutes_pass(site, since)
        still = len(await site.inbox.unanswered())
        answer.clear()
        answer.update(POSTED)
        with anyio.fail_after(120):
            told = await task

        assert [each.key for each in await site.inbox.unanswered()] == ["0"]  # of which the store fails
    assert (still, told) == (3, 3)


async def test_a_stop_while_slack_is_away_leaves_it_to_the_next_start(tmp_path, monkeypatch):
    answers = {"conversations.open": DIRECT, "chat.postMessage": AWAY}
    async with answering(tmp_path, monkeypatch, answers, VirtualClock()) as (site, _):
        task = asyncio.create_task(site.answer_interrupted(await site.inbox.unanswered()))
        await anyio.sleep(0.05)
        site.outbox.retry_wait.stop()
        with anyio.fail_after(120):
            told = await task

        assert len(await site.inbox.unanswered()) == 3
    assert told == 0


@pytest.mark.parametrize(
    ("known", "became"),
    [(WHO, ["accepted", "cut off", "accepted", "ok"]), ({}, ["accepted", "cut off"])],
    ids=["known", "not known"],
)
async def test_a_look_that_was_cut_off_is_run_once_however_often_its_answer_is_sent(
    tmp_path, monkeypatch, known, became
):
    """Nor does it run while Slack does not identify the person."""
    answer = {**AWAY}
    answers = {"conversations.open": DIRECT, "chat.postMessage": answer, **known}
    async with answering(tmp_path, monkeypatch, answers) as (site, terminal):
        await terminal.kernel.audit.append(entry("invocation", "accepted", key="1"))
        [left] = [each for each in await site.inbox.unanswered() if each.is_cut_off]
        since = site.dispatcher.clock.now()
        task = asyncio.create_task(site.answer_interrupted([left]))
        await minutes_pass(site, since)
        answer.clear()
        answer.update(POSTED)
        with anyio.fail_after(120):
            told = await task
        rows = [row["outcome"] for row in await terminal.audit() if row["trace"] == "t-1"]

    assert (told, rows) == (1, became)


async def test_a_person_of_whom_slack_says_nothing_is_answered_and_refused(tmp_path, monkeypatch):
    async with answering(tmp_path, monkeypatch, NO_USER) as (site, terminal):
        await site(delivery(terminal.kernel.clock, "1"), ReplyTarget(""))

        assert [left.key for left in await site.inbox.unanswered()] == ["0", "2"]
        row = (await terminal.audit())[-1]
    assert (row["kind"], row["outcome"]) == ("invocation", "denied")
    assert "Slack did not say who this is" in row["detail"]


async def test_an_answer_that_does_not_get_through_for_a_day_is_logged_and_stays_open(tmp_path, monkeypatch):
    async with answering(tmp_path, monkeypatch, REFUSED) as (site, terminal):
        with capture_logs() as logs:
            await site(delivery(terminal.kernel.clock, "1"), ReplyTarget(""))

        assert [left.key for left in await site.inbox.unanswered()] == ["0", "1", "2"]
    assert [(each["event"], each.get("trace")) for each in logs if each["log_level"] == "error"] == [
        ("answer not delivered", "t-1"),
        ("nobody told in Slack", None),
    ]


async def test_an_inbox_that_cannot_be_closed_is_not_taken_for_an_answer_that_was_lost(tmp_path, monkeypatch):
    async with answering(tmp_path, monkeypatch, NO_USER) as (site, terminal):
        with capture_logs() as logs:
            await site(delivery(terminal.kernel.clock, "0"), ReplyTarget(""))

    assert [each["event"] for each in logs if each["log_level"] == "error"] == [
        "answered, and the inbox does not know it"
    ]


async def test_the_inbox_recognises_a_delivery_and_forgets_it_after_a_day(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    clock = VirtualClock()
    inbox = Inbox(database, clock)

    assert await inbox.accept(delivery(clock, "one"))
    assert not await inbox.accept(delivery(clock, "one"))
    await inbox.answered("one")
    clock.advance(KEEP - timedelta(seconds=1))
    await inbox.tidy()
    assert not await inbox.accept(delivery(clock, "one"))
    clock.advance(timedelta(seconds=2))
    await inbox.tidy()
    assert await inbox.accept(delivery(clock, "one"))
    await database.close()


async def test_an_unanswered_delivery_is_never_forgotten(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    clock = VirtualClock()
    inbox = Inbox(database, clock)
    await inbox.accept(delivery(clock, "one", text="show xoxb-1-canary"))
    clock.advance(KEEP * 10)

    await inbox.tidy()
    (left,) = await inbox.unanswered()
    assert left.text == "show [hidden]"
    await database.close()
