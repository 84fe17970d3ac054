"""`report pause`: none is made until somebody resumes it."""

from datetime import timedelta

import pytest
from report_kit import make_runner
from report_terminal import MORNING, NOBODY, VERA, buttons, refusal, report_terminal

from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch, MORNING) as terminal:
        yield terminal


@pytest.mark.parametrize(
    ("flags", "words"),
    [("", "paused by bob"), (' --reason "moving offices"', "paused by bob: moving offices")],
)
async def test_it_says_who_and_why(terminal, flags, words):
    reply = await terminal.say(f"report pause morning{flags}")

    assert reply.title == f"morning is {words}"
    assert buttons(reply) == {"Resume": "report resume morning"}
    assert (await terminal.standing()).paused == words
    report = make_document(reply)["data"]["report"]
    assert [report[key] for key in ("is_paused", "pause_reason", "next_run_at")] == [True, words, None]


async def test_nothing_comes_meanwhile_and_the_reason_is_kept_with_the_slot(terminal):
    at = make_runner(terminal.kernel)
    await at.look()
    await terminal.say("report pause morning")
    terminal.kernel.clock.advance(timedelta(days=2))
    await at.look()

    assert at.posts.messages == []
    assert {(each.state, each.why) for each in await terminal.rows.latest("morning")} == {
        ("skipped", "paused by bob")
    }


async def test_one_that_is_not_there(terminal):
    said = refusal(await terminal.say("report pause mornig"))

    assert said == "There is no report mornig.\nDid you mean morning?"


async def test_what_is_typed_too_much_is_not_repeated(terminal):
    said = refusal(await terminal.say("report pause morning hunter2"))

    assert said.startswith("“report pause” got too many arguments.")
    assert "hunter2" not in said


@pytest.mark.parametrize("actor", [VERA, NOBODY])
async def test_who_may_not_is_told_so(terminal, actor):
    assert "You may not run “report pause” here" in refusal(await terminal.say("report pause morning", actor))
    assert await terminal.rows.standings() == {}
