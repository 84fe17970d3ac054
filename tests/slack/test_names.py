"""Answers call people by name instead of by id."""

from datetime import timedelta

import anyio
import pytest
from bot_site import bot_site
from form_kit import text_of
from one_contract import SETTINGS
from report_kit import report_line, settings_with

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path, monkeypatch):
    """Start a bot with two reports: one of Bob, due in an hour, and one of a person unknown to Slack."""
    mine = report_line(command="summary activity")
    lost = report_line(command="cluster list").replace("morning", "evening").replace("U0BOB", "U0NOBODY")
    settings = settings_with(tmp_path, f"reports:\n{mine}{lost}", SETTINGS)
    async with bot_site(tmp_path, monkeypatch, settings=settings) as site:
        yield site


async def test_owners_of_reports_have_their_names(site):
    listed = text_of(await site.ask("U0ALICE", "/pg report list --wide"))
    shown = text_of(await site.ask("U0ALICE", "/pg report show morning"))

    assert "bob (U0BOB)" in listed
    assert "bob (U0BOB)" in shown
    assert "U0NOBODY" in listed
    assert "(U0NOBODY)" not in listed


async def test_who_gave_a_waiver_has_a_name(site):
    waived = text_of(
        await site.ask("U0BOB", "/pg migration waive PGR020 orders-prod --until 30d --reason accepted")
    )
    rules = text_of(await site.ask("U0ALICE", "/pg migration rules"))
    taken = text_of(await site.ask("U0BOB", "/pg migration unwaive PGR020 orders-prod"))

    assert all("bob (U0BOB)" in each for each in (waived, rules, taken))


async def test_who_is_refused_often_has_a_name(site):
    for _ in range(5):
        await site.ask("U0GUEST", "/pg cluster list")
    summary = text_of(await site.ask("U0ALICE", "/pg summary activity"))

    assert "gus (U0GUEST)" in summary
    assert "slack:U0GUEST" not in summary


async def test_a_report_at_its_time_has_the_name_too(site):
    rows = site.bot.kernel.dispatcher.reports.rows
    for _ in range(5):
        await site.ask("U0GUEST", "/pg cluster list")
    with anyio.fail_after(120):
        while "morning" not in await rows.standings():
            await anyio.sleep(0.02)
        site.demo.clock.advance(timedelta(hours=1))
        while not any("gus (U0GUEST)" in text_of(each) for each in await site.seen("U0ALICE")):
            site.demo.clock.advance(timedelta(seconds=1))
            await anyio.sleep(0.02)
