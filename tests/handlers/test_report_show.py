"""`report show`: settings, the next five times, how the last ones went, and buttons."""

from datetime import timedelta

import pytest
from report_terminal import (
    ADD,
    MORNING,
    NOBODY,
    VERA,
    buttons,
    fields,
    notes,
    refusal,
    report_terminal,
    table,
)

from bot.domain.reply_document import make_document
from bot.reports.record import Report, Slot, SlotState
from bot.settings.report_settings import ReportSetting

pytestmark = pytest.mark.anyio

ALL = MORNING | {
    "reason": "the first look of the day",
    "late": "run",
    "jitter": "2m",
    "hours": {"days": ["mon", "tue"], "from": "08:00", "to": "18:00"},
    "sections": ["Not AVAILABLE"],
}


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch, ALL) as terminal:
        yield terminal


async def test_it_says_everything(terminal):
    reply = await terminal.say("report show Morning")

    assert reply.title == "Report morning"
    assert fields(reply) == {
        "Command": "summary fleet",
        "When": "every weekday at 8:30 (Europe/Berlin)",
        "Understood as": "At 08:30 on Monday through Friday",
        "Channel": "C0OPS",
        "Owner": "U0BOB",
        "Reason": "the first look of the day",
        "Created": "in app.yaml",
        "Missed runs": "run",
        "Random start within": "2 minutes",
        "Hours": "mon, tue, 08:00 to 18:00",
        "Holidays": None,
        "Sections": "Not AVAILABLE",
        "State": "runs on schedule",
        "Muted": None,
        "Next runs": "; ".join(
            f"{day} 08:30 (Europe/Berlin)"
            for day in ("Tue 24 Nov", "Mon 30 Nov", "Tue 01 Dec", "Mon 07 Dec", "Tue 08 Dec")
        ),
        "Holidays skipped": None,
    }
    data = make_document(reply)["data"]
    assert (data["report"]["jitter_seconds"], data["report"]["hours"]) == (
        120,
        {"days": ["mon", "tue"], "start": "08:00", "end": "18:00"},
    )
    assert data["next_runs"][:2] == ["2026-11-24T07:30:00Z", "2026-11-30T07:30:00Z"]
    assert "This report is defined in app.yaml; change it there." in notes(reply)


async def test_one_made_in_slack_says_who_made_it_and_when(terminal):
    await terminal.say(f'{ADD} --reason "for the standup" --save')

    reply = await terminal.say("report show mine")

    shown = fields(reply)
    assert (shown["Created"], shown["Owner"]) == ("by U0BOB, Mon 23 Nov 10:00 (Europe/Berlin)", "U0BOB")
    assert (shown["Reason"], shown["Random start within"], shown["Hours"]) == ("for the standup", None, None)
    assert notes(reply) == []


async def test_the_last_times_are_listed_newest_first(terminal):
    first = terminal.kernel.clock.now()
    later = first + timedelta(days=1)
    slots = [
        Slot(report="morning", at=first, due_at=first, state=SlotState.SKIPPED, why="paused by bob"),
        Slot(report="morning", at=later, due_at=later, state=SlotState.DONE, tries=2),
    ]
    await terminal.rows.plan("morning", slots, later)

    assert table(await terminal.say("report show morning"), "Recent runs") == [
        {"Time": "Tue 24 Nov 10:00 (Europe/Berlin)", "Result": "posted", "Reason": None, "Attempts": 2},
        {
            "Time": "Mon 23 Nov 10:00 (Europe/Berlin)",
            "Result": "skipped",
            "Reason": "paused by bob",
            "Attempts": None,
        },
    ]


async def test_the_buttons_fit_how_it_stands(terminal):
    before = buttons(await terminal.say("report show morning"))
    await terminal.say("report pause morning")
    await terminal.say('report mute morning "Not AVAILABLE"')
    reply = await terminal.say("report show morning")

    assert before == {
        "Pause": "report pause morning",
        "Preview": "report preview morning",
        "Run now": "report run morning",
    }
    assert buttons(reply) == {
        "Resume": "report resume morning",
        "Preview": "report preview morning",
        "Run now": "report run morning",
        "Unmute “Not AVAILABLE”": "report mute morning 'Not AVAILABLE' --off",
    }
    assert (fields(reply)["State"], fields(reply)["Muted"]) == ("paused by bob", "Not AVAILABLE")


async def test_the_next_holidays_on_which_it_is_skipped_are_named(tmp_path, monkeypatch):
    calendar = tmp_path / "office.ics"
    calendar.write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nSUMMARY:Christmas\nDTSTART;VALUE=DATE:20201225\n"
        "DURATION:P2D\nRRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR\n",
        encoding="utf-8",
    )
    report = MORNING | {"holidays": "office"}
    async with report_terminal(tmp_path, monkeypatch, report, holidays={"office": str(calendar)}) as terminal:
        shown = fields(await terminal.say("report show morning"))

    assert shown["Holidays skipped"] == "Fri 25 Dec 2026 (Christmas)"  # the 26th is a Saturday


async def test_a_calendar_that_has_left_app_yaml_is_said(terminal):
    setting = ReportSetting(**MORNING | {"name": "mine", "holidays": "moon"})
    await terminal.rows.add(Report(setting=setting, by="U0BOB", at=terminal.kernel.clock.now()))

    shown = fields(await terminal.say("report show mine"))

    assert (shown["Holidays"], shown["Next runs"]) == ("moon", "There is no holiday calendar called moon.")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("report show mornnig", "There is no report mornnig.\nDid you mean morning?"),
        ("report show xyz", "There is no report xyz.\n“report list” lists the reports."),
        ("report show", "“report show” needs <report>: Name of the report."),
    ],
)
async def test_what_it_cannot_show(terminal, line, words):
    assert words in refusal(await terminal.say(line))


async def test_who_may_see_it(terminal):
    assert (await terminal.say("report show morning", NOBODY)).ok
    assert "You may not run “report show” here" in refusal(await terminal.say("report show morning", VERA))
