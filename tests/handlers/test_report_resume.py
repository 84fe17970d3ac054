"""`report resume`: ends a pause and a snooze."""

from datetime import timedelta

import pytest
from report_kit import make_runner
from report_terminal import MORNING, NOBODY, VERA, notes, refusal, report_terminal

from bot.domain.reply_document import make_document
from bot.reports.record import Report
from bot.settings.report_settings import ReportSetting

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch, MORNING) as terminal:
        yield terminal


@pytest.mark.parametrize("line", ["report pause morning", "report snooze morning 5d"])
async def test_it_comes_again_and_what_was_missed_does_not(terminal, line):
    at = make_runner(terminal.kernel)
    await at.look()
    await terminal.say(line)
    terminal.kernel.clock.advance(timedelta(days=1))
    await at.look()

    reply = await terminal.say("report resume morning")

    assert reply.title == "morning runs on schedule again"
    assert notes(reply) == ["Next run: Wed 25 Nov 08:30 (Europe/Berlin)"]
    assert make_document(reply)["data"]["report"]["next_run_at"] == "2026-11-25T07:30:00Z"
    assert (await terminal.standing()).skip_reason(terminal.kernel.clock.now()) == ""
    terminal.kernel.clock.advance(timedelta(days=1))
    await at.look()
    assert [state for _, state in await at.states("morning")] == ["skipped", "made"]


async def test_resuming_what_goes_on_anyway_changes_nothing(terminal):
    assert (await terminal.say("report resume morning")).ok
    assert (await terminal.standing()).paused == ""


async def test_a_calendar_that_has_left_app_yaml_is_said(terminal):
    setting = ReportSetting(**MORNING | {"name": "mine", "holidays": "moon"})
    await terminal.rows.add(Report(setting=setting, by="U0BOB", at=terminal.kernel.clock.now()))

    assert notes(await terminal.say("report resume mine")) == [
        "Next run: There is no holiday calendar called moon."
    ]


async def test_one_that_is_not_there(terminal):
    assert "Did you mean morning?" in refusal(await terminal.say("report resume mornings"))


@pytest.mark.parametrize("actor", [VERA, NOBODY])
async def test_who_may_not_is_told_so(terminal, actor):
    await terminal.say("report pause morning")

    assert "You may not run “report resume” here" in refusal(
        await terminal.say("report resume morning", actor)
    )
    assert (await terminal.standing()).paused == "paused by bob"
