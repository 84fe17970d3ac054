"""`migration history`: the burn-down by day, region and owner, as numbers and as a chart."""

from dataclasses import replace

import pytest
from migration_site import days, migrate, migration_site, rows
from terminal_site import OPERATOR

from bot.domain.reply import Chart
from bot.domain.reply_document import list_values, make_document
from bot.domain.reply_text import render_plain
from bot.slack.message_renderer import render

pytestmark = pytest.mark.anyio


async def test_before_the_first_run_it_says_how_to_make_one(terminal):
    reply = await terminal.run("migration history")

    assert reply.title == "No runs yet"
    assert make_document(reply)["data"]["days"] == []
    assert "The bot keeps one whenever it answers “migration status” or “summary migration”." in render_plain(
        reply
    )


@pytest.fixture
async def burning(terminal):
    """Return nine days with a look on three of them: three clusters less each time."""
    days(terminal, 1)
    await terminal.run("migration status")
    days(terminal, 4)
    migrate(terminal, "orders-prod", "hr-prod", "wiki")
    await terminal.run("migration status")
    days(terminal, 4)
    migrate(terminal, "orders-staging", "hr-staging", "ledger-prod")
    await terminal.run("migration status")
    return terminal


async def test_each_day_has_a_row_the_newest_first(burning):
    reply = await burning.run("migration history")

    found = rows(reply, "burn-down")
    assert [row["Day"] for row in found] == [f"2026-12-{day:02d}" for day in (2, 1)] + [
        f"2026-11-{day:02d}" for day in (30, 29, 28, 27, 26, 25, 24)
    ]
    assert [row["Pending"] for row in found] == [22, 25, 25, 25, 25, 28, 28, 28, 28]
    assert [row["Only in v2"] for row in found] == [6, 3, 3, 3, 3, 0, 0, 0, 0]
    assert all(row["Ready"] + row["Needs work"] + row["Blocked"] == row["Pending"] for row in found)


async def test_the_forecast_is_a_date_with_its_reason(burning):
    reply = await burning.run("migration history")

    # From 28 to 22 within eight days: three quarters of a cluster a day, so 29.3 days more.
    assert reply.title == "22 pending on 2026-12-02, none by 2026-12-31"
    data = make_document(reply)["data"]
    assert data["forecasts"][0] == {
        "goal": "pending",
        "day": "2026-12-31",
        "why": "5.2 clusters a week over the last 8 days",
        "since": "2026-12-02",
        "left": 22,
        "pace_per_week": 5.25,
        "left_on_deadline": None,
    }
    assert [each["standings"]["pending"] for each in data["days"]] == [28] * 4 + [25] * 4 + [22]
    columns = ("day", "standings.only in v2", "clients.verdicts.not known")
    assert list_values(reply.result.days[-1], columns) == ["2026-12-02", 6, 22]
    assert "Pending clusters: none by 2026-12-31 (5.2 clusters a week over the last 8 days)." in render_plain(
        reply
    )


async def test_the_chart_and_its_bars_show_the_same(burning):
    reply = await burning.run("migration history")

    (chart,) = [part for part in reply.parts if isinstance(part, Chart)]
    assert chart.series[0] == ("pending", (28, 28, 28, 28, 25, 25, 25, 25, 22))
    assert "28 → 22" in render_plain(reply)
    assert "data_visualization" in [block["type"] for block in render(reply).blocks]


async def test_regions_and_owners_are_compared_with_the_first_day(burning):
    reply = await burning.run("migration history")

    txl = next(row for row in rows(reply, "pending-by-region") if row["Region"] == "de/txl")
    alice = next(row for row in rows(reply, "pending-by-owner") if row["Owner"] == "@alice")
    assert (alice["On 2026-11-24"], alice["Now"]) == (3, 1)
    assert txl["Now"] == txl["On 2026-11-24"] - 3


async def test_fewer_days_can_be_asked_for(burning):
    found = rows(await burning.run("migration history --days 3"), "burn-down")

    assert [row["Pending"] for row in found] == [22, 25, 25]


async def test_one_run_gives_no_forecast(terminal):
    await terminal.run("migration status")

    reply = await terminal.run("migration history")

    assert reply.title == "29 pending on 2026-11-23, no forecast"
    assert "needs runs on 3 different days" in render_plain(reply)


async def test_only_clusters_that_one_may_see_are_counted(tmp_path, monkeypatch):
    words = {'"change *", "audit *"': '"change *", "audit *", "migration *"'}
    async with migration_site(tmp_path, monkeypatch, words=words) as terminal:
        await terminal.run("migration status")
        hers = await terminal.run("migration history", actor=replace(OPERATOR, person="U0VERA"))

    assert 0 < rows(hers, "burn-down")[0]["Pending"] < 29
