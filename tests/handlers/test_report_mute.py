"""`report mute`: a section is left out of the message and of the differences until it is shown again."""

import pytest
from report_terminal import MORNING, NOBODY, VERA, buttons, hourly, notes, refusal, report_terminal, table

from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch, MORNING) as terminal:
        yield terminal


async def test_muted_and_unmuted(terminal):
    muted = await terminal.say('report mute morning "Not AVAILABLE"')
    again = await terminal.say("report mute morning not available")
    kept = (await terminal.standing()).muted
    shown = await terminal.say(buttons(again)["Unmute"])

    assert muted.title == "morning now hides “Not AVAILABLE”"
    assert buttons(muted)["Unmute"] == "report mute morning 'Not AVAILABLE' --off"
    assert buttons(muted)["Settings"] == "report show morning"
    assert kept == ("not available",)
    found = [make_document(each)["data"]["report"]["muted_sections"] for each in (muted, again, shown)]
    assert found == [["Not AVAILABLE"], ["not available"], []]
    assert shown.title == "morning now shows “not available”"
    assert buttons(shown)["Mute again"] == "report mute morning 'not available'"
    assert (await terminal.standing()).muted == ()


async def test_the_report_leaves_it_out_and_says_nothing_of_what_is_new_in_it(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary fleet") as report:
        terminal = report.terminal
        await report.next()
        await terminal.say("report mute hourly not available")
        await report.next()
        terminal.record("orders-prod").phase = "FAILED"
        quiet = await report.next()
        await terminal.say("report mute hourly not available --off")
        await terminal.say("report run hourly")
        await report.runner.look()
        [*_, details] = report.runner.posts.messages

    assert "no change since" in quiet.title
    assert "orders-prod" not in render_plain(quiet)
    assert "orders-prod" in {row["Cluster"] for row in table(details["reply"], "Not AVAILABLE")}


async def test_a_heading_that_the_last_report_did_not_have_is_said(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary fleet") as report:
        await report.next()
        known = await report.terminal.say("report mute hourly not available")
        unknown = await report.terminal.say("report mute hourly not awailable")

    assert notes(known) == []
    assert notes(unknown) == ["The last run had no table with that heading. It had: Not AVAILABLE."]


async def test_what_is_missing_or_not_there(terminal):
    assert "needs <section>" in refusal(await terminal.say("report mute morning"))
    assert "Did you mean morning?" in refusal(await terminal.say("report mute mornin x"))


@pytest.mark.parametrize("actor", [VERA, NOBODY])
async def test_who_may_not_is_told_so(terminal, actor):
    assert "You may not run “report mute” here" in refusal(await terminal.say("report mute morning x", actor))
    assert await terminal.rows.standings() == {}
