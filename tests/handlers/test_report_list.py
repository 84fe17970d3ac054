"""`report list`: those of app.yaml apart from those made in Slack, when each comes and how the last went."""

from datetime import timedelta

import pytest
from report_terminal import ADD, ALICE, MORNING, NOBODY, VERA, notes, refusal, report_terminal, table

from bot.domain.reply import Table
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.reports.record import Report, Slot, SlotState
from bot.settings.report_settings import ReportSetting

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch, MORNING) as terminal:
        yield terminal


async def test_those_of_the_file_stand_apart_from_those_made_in_slack(terminal):
    await terminal.say(f"{ADD} --save")

    reply = await terminal.say("report list")

    assert reply.title == "2 reports: 2 scheduled"
    assert table(reply, "In app.yaml") == [
        {
            "Name": "morning",
            "Command": "summary fleet",
            "When": "every weekday at 8:30",
            "Zone": "Europe/Berlin",
            "Channel": "C0OPS",
            "Next": "Tue 24 Nov 08:30 (Europe/Berlin)",
            "Last": None,
            "Owner": "U0BOB",
        }
    ]
    assert [row["Name"] for row in table(reply, "Made in Slack")] == ["mine"]
    morning, mine = make_document(reply)["data"]["reports"]
    assert (morning["name"], morning["next_run_at"]) == ("morning", "2026-11-24T07:30:00Z")
    assert (morning["owner"], morning["created_by"]) == ({"id": "U0BOB", "name": None}, None)
    assert (mine["is_in_app_yaml"], mine["created_by"]["id"]) == (False, "U0BOB")


async def test_without_any_it_says_how_to_get_one(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch) as terminal:
        reply = await terminal.say("report list")

    assert reply.title == "No reports are scheduled yet"
    assert "report add" in render_plain(reply)


async def test_a_pause_and_a_snooze_stand_where_the_next_time_would(terminal):
    await terminal.say("report pause morning --reason moving")
    [paused] = table(held := await terminal.say("report list"), "In app.yaml")
    await terminal.say("report resume morning")
    await terminal.say("report snooze morning 2h")
    [snoozed] = table(later := await terminal.say("report list"), "In app.yaml")
    terminal.kernel.clock.advance(timedelta(hours=2))
    [over] = table(await terminal.say("report list"), "In app.yaml")

    states = [
        [each[key] for key in ("is_paused", "snoozed_until", "next_run_at")]
        for reply in (held, later)
        for each in make_document(reply)["data"]["reports"]
    ]
    assert states == [[True, None, None], [False, "2026-11-23T11:00:00Z", "2026-11-24T07:30:00Z"]]
    assert paused["Next"] == "paused by bob: moving"
    assert snoozed["Next"] == "snoozed by bob until Mon 23 Nov 12:00 (Europe/Berlin)"
    assert over["Next"] == "Tue 24 Nov 08:30 (Europe/Berlin)"


async def test_how_the_last_one_went(terminal):
    at = terminal.kernel.clock.now()
    await terminal.rows.plan(
        "morning", [Slot(report="morning", at=at, due_at=at, state=SlotState.FAILED)], at
    )

    [row] = table(await terminal.say("report list"), "In app.yaml")

    assert row["Last"] == "failed Mon 23 Nov 10:00 (Europe/Berlin)"


async def test_a_calendar_that_has_left_app_yaml_hides_no_report(terminal):
    setting = ReportSetting(**MORNING | {"name": "mine", "holidays": "moon"})
    await terminal.rows.add(Report(setting=setting, by="U0BOB", at=terminal.kernel.clock.now()))

    reply = await terminal.say("report list")

    assert [row["Next"] for row in table(reply, "Made in Slack")] == [
        "There is no holiday calendar called moon."
    ]
    assert len(table(reply, "In app.yaml")) == 1


async def test_one_of_slack_that_the_file_hides_is_named(terminal):
    setting = ReportSetting(**MORNING | {"command": "cluster list"})
    await terminal.rows.add(Report(setting=setting, by="U0BOB", at=terminal.kernel.clock.now()))

    reply = await terminal.say("report list")

    assert reply.title == "1 report: 1 scheduled"
    assert "Made in Slack, but replaced by app.yaml's with the same name: morning." in notes(reply)


async def test_machines_read_it_from_the_terminal_without_any_right_to_write(terminal):
    reply = await terminal.say("report list", NOBODY)

    [found] = [part for part in reply.parts if isinstance(part, Table)]
    assert (reply.ok, found.name) == (True, "reports-in-app-yaml")


async def test_in_slack_it_takes_a_permission(terminal):
    assert "You may not run “report list” here" in refusal(await terminal.say("report list", VERA))
    assert (await terminal.say("report list", ALICE)).ok
