"""A process that ends at any point of a report: it comes all the same, and once."""

from datetime import timedelta

import pytest
from migration_site import migrate
from report_kit import POINTS, Fate, Killed, one_report, pass_time

from bot.domain.reply import Mention, Table

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
        assert "It stands for 4 reports" in posted


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
