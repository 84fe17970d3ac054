"""A process that ends at any point of a report: it comes all the same, and once."""

from datetime import UTC, datetime, timedelta

import pytest
from migration_site import migrate
from report_kit import POINTS, Fate, Killed, one_report, pass_time

from bot.domain.reply import Mention, Table
from bot.reports.record import Slot
from bot.runtime.database.schema import STEPS
from bot.runtime.database.sqlite import insert, open_for_writing

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("point", POINTS)
async def test_a_restart_at_any_point_makes_the_report_once(opened, point):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        await pass_time(terminal, at)
        dying = await at.restarted(Fate(point))
        terminal.kernel.clock.advance(HOUR)
        with pytest.raises(Killed):
            await dying.look()
        after = await dying.restarted()
        for _ in range(2):
            await after.look()
        await pass_time(terminal, after)

        assert await after.states("morning") == [(f"23 {hour}:00", "made") for hour in (10, 11, 12)]
        assert len(at.posts.texts("C0OPS")) == 3


@pytest.mark.parametrize("point", ["posted", "posting recorded", "threaded"])
async def test_after_a_restart_the_thread_is_there_once(opened, point):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        dying = await at.restarted(Fate(point))
        terminal.kernel.clock.advance(HOUR)
        with pytest.raises(Killed):
            await dying.look()
        after = await dying.restarted()
        await after.look()

        [thread] = [each for each in at.posts.messages if each["thread"]]
        assert thread["thread"] == [each for each in at.posts.messages if not each["thread"]][-1]["ts"]


async def test_a_restart_in_the_middle_of_merging_merges_once(opened):
    async with opened(one_report()) as (terminal, at):
        await at.look()
        dying = await at.restarted(Fate("merged"))
        terminal.kernel.clock.advance(4 * HOUR)
        with pytest.raises(Killed):
            await dying.look()
        after = await dying.restarted()
        await after.look()

        [posted] = at.posts.texts()
        assert "It replaces 4 runs" in posted


async def test_a_report_that_an_earlier_release_was_posting_says_that_it_may_be_twice(tmp_path):
    """Its message has no key: what nobody can find is sent once more, and says so."""
    at = datetime(2026, 11, 23, 10, tzinfo=UTC)
    db = open_for_writing(tmp_path / "pgbot.db")
    for name, statements in STEPS.items():
        if name == "deliveries":
            row = {"report": "morning", "at": at.isoformat(timespec="microseconds"), "state": "waiting"}
            row |= dict.fromkeys(("why", "ts", "notice", "asked_by"), "") | dict.fromkeys(("tries",), 0)
            insert(db, "report_slots", row | {"due_at": row["at"], "is_posting": 1, "stands_for": 1})
        for statement in statements:
            db.execute(statement)
    [kept] = db.query("SELECT key, tried_at, ts FROM deliveries")
    db.close()

    assert kept["key"] == Slot(report="morning", at=at, due_at=at).id
    assert (kept["tried_at"], kept["ts"]) == (at.isoformat(timespec="microseconds"), "")


# The watch: reported, and only once


def news(at):
    """Return the clusters that each thread reports."""
    tables = [part for each in at.posts.messages for part in each["reply"].parts if isinstance(part, Table)]
    return [row[0] for table in tables if table.caption == "Appeared in v2" for row in table.rows]


@pytest.mark.parametrize("point", POINTS)
async def test_a_watch_that_is_cut_short_tells_of_a_cluster_all_the_same(opened, point):
    async with opened(one_report(command="migration watch")) as (terminal, at):
        await at.look()
        await pass_time(terminal, at)
        migrate(terminal, "orders-prod")
        dying = await at.restarted(Fate(point))
        terminal.kernel.clock.advance(HOUR)
        with pytest.raises(Killed):
            await dying.look()
        after = await dying.restarted()
        for _ in range(3):
            await pass_time(terminal, after)

        assert news(at) == ["orders-prod"]
        mentioned = [
            each for each in at.posts.tops() if any(isinstance(part, Mention) for part in each.parts)
        ]
        assert len(mentioned) == 1


@pytest.mark.parametrize("code", ["no_answer", "not_in_channel"])
async def test_a_watch_that_slack_did_not_take_is_told_at_the_next_try_or_time_once(opened, code):
    async with opened(one_report(command="migration watch")) as (terminal, at):
        await at.look()
        await pass_time(terminal, at)
        migrate(terminal, "orders-prod")
        at.posts.refuse["C0OPS"] = code
        for _ in range(3):
            await pass_time(terminal, at)
        at.posts.refuse.clear()
        for _ in range(3):
            await pass_time(terminal, at)

        assert news(at) == ["orders-prod"]


async def test_a_watch_tells_nobody_where_another_company_reads(opened):
    async with opened(one_report(command="migration watch", channel="C0SHARED")) as (terminal, at):
        await at.look()
        await pass_time(terminal, at)
        migrate(terminal, "orders-prod")
        await pass_time(terminal, at)

        assert news(at) == []
