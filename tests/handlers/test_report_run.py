"""`report run`: one more is made now, once, whether the report is paused or not."""

import pytest
from report_kit import make_runner
from report_terminal import MORNING, NOBODY, VERA, notes, refusal, report_terminal

from bot.domain.reply_document import make_document
from bot.reports.record import SlotState

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch, MORNING) as terminal:
        yield terminal


async def test_it_asks_for_a_slot_which_the_server_makes(terminal):
    reply = await terminal.say("report run morning")

    assert reply.title == "morning is running, and will be posted in C0OPS"
    assert notes(reply) == ["If the bot is down, the report is posted after the next start."]
    [slot] = await terminal.rows.open_slots()
    assert (slot.report, slot.at, slot.state) == ("morning", terminal.kernel.clock.now(), SlotState.WAITING)
    assert slot.asked_by == "bob"


async def test_pressed_twice_it_is_made_once(terminal):
    await terminal.say("report run morning")
    second = await terminal.say("report run morning")

    assert second.title == "morning is already running: bob started it"
    data = make_document(second)["data"]
    assert (data["is_new"], data["run"]["requested_by"], data["run"]["state"]) == (False, "bob", "due")
    assert len(await terminal.rows.open_slots()) == 1


async def test_a_paused_one_comes_too_and_may_be_asked_for_again(terminal):
    at = make_runner(terminal.kernel)
    await terminal.say("report pause morning")
    await terminal.say("report run morning")
    await at.look()
    again = await terminal.say("report run morning")

    [posted] = at.posts.texts("C0OPS")
    assert "Started by bob." in posted
    assert again.title == "morning is running, and will be posted in C0OPS"


async def test_one_that_is_not_there(terminal):
    assert "Did you mean morning?" in refusal(await terminal.say("report run mornin"))


async def test_one_that_asks_for_a_change_is_not_made_in_somebody_elses_name(tmp_path, monkeypatch):
    line = {**MORNING, "command": "drill orders-prod"}
    async with report_terminal(tmp_path, monkeypatch, line) as terminal:
        reply = await terminal.say("report run morning")

        assert "Request the change yourself: “drill orders-prod”." in refusal(reply)
        assert await terminal.rows.open_slots() == []


@pytest.mark.parametrize("actor", [VERA, NOBODY])
async def test_who_may_not_is_told_so(terminal, actor):
    assert "You may not run “report run” here" in refusal(await terminal.say("report run morning", actor))
    assert await terminal.rows.open_slots() == []
