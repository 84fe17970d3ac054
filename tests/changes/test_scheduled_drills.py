"""Drills scheduled in app.yaml: once a run, in their owner's name, through the approval rules, and posted."""

import json
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from bot_site import bot_site
from change_requests import BOB
from notifier_kit import make_notifier, post_all
from one_contract import SETTINGS
from passing_time import until
from report_kit import Killed, make_runner, settings_with
from terminal_site import terminal_site

from bot.changes.record import ChangeState
from bot.domain.errors import ConfigError
from bot.domain.reply_text import render_plain
from bot.domain.request import AccountStatus, Actor, Origin
from bot.reports.record import Slot
from bot.settings.model import load_settings

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
CHANNEL = "C0ORDERS"


def line(command="drill orders-prod", owner="U0BOB", late="merge"):
    """Return a line of app.yaml."""
    return (
        f"reports:\n  - {{name: proof, command: {command!r}, when: every hour, late: {late},"
        f" channel: {CHANNEL}, owner: {owner}}}\n"
    )


def settings(tmp_path, reports, need="confirm"):
    """Write the demo's app.yaml with these reports, and the settings that a drill needs."""
    path = settings_with(tmp_path, reports, SETTINGS)
    rule = f'{{changes: ["drill"], need: {need}}}'
    path.write_text(path.read_text().replace("  rules:\n", f"  rules:\n    - {rule}\n", 1))
    return path


@asynccontextmanager
async def opened(tmp_path, monkeypatch, reports, need="confirm", **more):
    path = settings(tmp_path, reports, need)
    async with terminal_site(tmp_path, monkeypatch, settings=path) as terminal:
        at = make_runner(terminal.kernel, **more)
        await at.look()
        yield terminal, at


async def slot(terminal, at):
    """Let time pass until the next run."""
    terminal.kernel.clock.advance(HOUR)
    await at.look()


async def changes(terminal):
    return await terminal.kernel.dispatcher.changes.rows.latest()


async def test_it_is_asked_for_in_the_name_of_its_owner(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, line()) as (terminal, at):
        await slot(terminal, at)
        [record] = await changes(terminal)
        rows = [row for row in await terminal.audit() if row["command"] == "drill"]

        assert (record.plan.command, record.state) == ("drill", ChangeState.PROPOSED)
        assert (record.requester.id, record.requester.origin) == ("U0BOB", "schedule")
        assert [row["kind"] for row in rows] == ["invocation", "plan", "outcome"]
        assert {row["actor"] for row in rows} == {"schedule:proof"}
        assert await at.states("proof") == [("23 10:00", "made")]
        assert terminal.cloud.posts.rows() == []


async def test_each_slot_asks_once(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, line()) as (terminal, at):
        await slot(terminal, at)
        await at.look()
        await slot(terminal, at)

        assert len(await changes(terminal)) == 2


@pytest.mark.parametrize("point", ["before claiming", "claimed", "started", "making", "proposed"])
async def test_a_slot_that_is_cut_off_asks_once(tmp_path, monkeypatch, point):
    def die(name):
        if name == point:
            raise Killed

    async with opened(tmp_path, monkeypatch, line(), at_point=die) as (terminal, at):
        terminal.kernel.clock.advance(HOUR)
        with pytest.raises(Killed):
            await at.look()
        after = await at.restarted()
        await after.engine.idle()
        await after.look()

        assert len(await changes(terminal)) == 1
        assert await after.states("proof") == [("23 10:00", "made")]


async def test_missed_slots_are_one_drill(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, line()) as (terminal, at):
        terminal.kernel.clock.advance(5 * HOUR)
        await at.look()

        assert len(await changes(terminal)) == 1


async def test_where_nothing_is_needed_it_runs(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, line(), need="none") as (terminal, at):
        await slot(terminal, at)
        [record] = await changes(terminal)
        await post_all(make_notifier(terminal.kernel, at.posts))

        assert record.state is ChangeState.APPROVED
        assert {each["channel"] for each in at.posts.messages} == {"C0OPS", CHANNEL}


async def test_its_card_is_in_both_channels_and_with_its_owner_who_has_to_confirm(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, line()) as (terminal, at):
        await slot(terminal, at)
        tells = make_notifier(terminal.kernel, at.posts)
        await post_all(tells)

        cards = {each["channel"]: render_plain(each["reply"]) for each in at.posts.messages}
        assert len(at.posts.messages) == len(cards) == 3
        assert set(cards) == {"C0OPS", CHANNEL, "U0BOB"}
        for card in cards.values():
            assert "Drill a restore of orders-prod: waiting for" in card
            assert "Confirm drill: change confirm" in card
            assert "on schedule" in card


async def test_the_end_is_told_below_each_card_and_mentions_its_owner_once(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, line(), need="none") as (terminal, at):
        await slot(terminal, at)
        [record] = await changes(terminal)
        tells = make_notifier(terminal.kernel, at.posts)
        await post_all(tells)
        assert await tells.run_log.claim(record)
        await tells.run_log.end(record.id, reached=True, words="the proof", differs=())
        for _ in range(2):
            await post_all(tells)
        threads = [each for each in at.posts.messages if each["thread"]]
        ends = [render_plain(each["reply"]) for each in threads if "the proof" in render_plain(each["reply"])]

        assert len(ends) == 2
        assert sum("For U0BOB" in end for end in ends) == 1


@pytest.mark.parametrize(
    ("owner", "why"),
    [
        ("U0ALICE", "no permission allows it"),
        ("U0GONE", "the account is deactivated"),
        ("U0GUEST", "guests may not change anything"),
    ],
)
async def test_what_its_owner_may_not_do_is_refused_in_the_channel(tmp_path, monkeypatch, owner, why):
    standings = {"U0GONE": AccountStatus.DEACTIVATED, "U0GUEST": AccountStatus.GUEST}
    async with opened(tmp_path, monkeypatch, line(owner=owner)) as (terminal, at):
        at.people[owner] = Actor(
            origin=Origin.SLACK, id=owner, team="T0DEMO", standing=standings.get(owner, AccountStatus.MEMBER)
        )
        await slot(terminal, at)
        await slot(terminal, at)

        assert await changes(terminal) == []
        [said] = at.posts.texts(CHANNEL)
        assert why in said
        assert "proof could not run" in said
        denied = [row for row in await terminal.audit() if row["outcome"] == "denied"]
        assert len(denied) == 2


async def test_nothing_is_asked_for_from_a_channel_that_others_read(tmp_path, monkeypatch):
    shared = line().replace(CHANNEL, "C0SHARED")
    async with opened(tmp_path, monkeypatch, shared) as (terminal, at):
        await slot(terminal, at)

        assert await changes(terminal) == []
        assert "shared with another company" in at.posts.texts("C0SHARED")[0]


async def test_nobody_has_it_asked_for_in_somebody_elses_name(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, line()) as (terminal, at):
        # Asked for while its line in app.yaml was still one that only read.
        now = terminal.kernel.clock.now()
        await at.rows.ask(Slot(report="proof", at=now, due_at=now, asked_by="bob"))
        await at.look()

        assert await changes(terminal) == []
        assert "only runs on schedule" in at.posts.texts(CHANNEL)[0]


async def test_a_preview_asks_for_nothing(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, line()) as (terminal, _):
        reply = await terminal.run("report preview proof", BOB)

        assert "Dry run" in render_plain(reply)
        assert await changes(terminal) == []


async def test_a_report_made_in_slack_changes_nothing(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, line()) as (terminal, at):
        words = "report add mine --command 'drill orders-prod' --when 'every hour' --channel C0OPS --save"
        reply = await terminal.run(words, BOB)

        assert "reports must be read-only" in reply.title
        assert [each.name for each in await at.kernel.dispatcher.reports.all_reports()] == ["proof"]


@pytest.mark.parametrize("command", ["restore orders-prod --newest", "cluster delete orders-prod"])
async def test_only_what_says_that_it_may_is_scheduled(tmp_path, monkeypatch, command):
    with pytest.raises(ConfigError, match="reports must be read-only"):
        async with opened(tmp_path, monkeypatch, line(command)):
            pass


async def test_policy_refuses_the_schedule_other_changes(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, line()) as (terminal, _):
        actor = Actor(origin=Origin.SCHEDULE, id="proof", person="U0BOB")
        reply = await terminal.run("restore orders-prod --newest", actor)

        assert "schedules may run only read-only commands" in reply.title
        assert await changes(terminal) == []


async def test_the_proof_comes_into_the_channel(tmp_path, monkeypatch):
    path = settings(tmp_path, line().replace(CHANNEL, "C0DBA"), need="none")
    assert load_settings(path, environment={}).settings.reports
    async with bot_site(tmp_path, monkeypatch, settings=path) as site:
        channel = site.demo.workspace.channels["C0DBA"]
        # The bot may learn of the report before this or after: a run is due within a minute either way.
        site.demo.clock.advance(2 * HOUR - timedelta(minutes=1))
        # No faster than a lease can be renewed: what is sent must be planned under the same one.
        await until(site, site.demo.cloud.posts.rows, seconds=2)
        ends = await until(
            site,
            lambda: [each for each in channel.messages.values() if each.text.startswith("Done: ")],
            seconds=20,
        )
        record = (await site.bot.kernel.dispatcher.changes.rows.latest())[-1]
        [card] = [each for each in channel.messages.values() if each.ts == ends[0].thread_ts]

        assert record.state is ChangeState.DONE
        assert "Drill a restore of orders-prod" in card.text
        assert "it is deleted again" in ends[0].text
        assert json.dumps(ends[0].blocks).count("U0BOB") <= 1
