"""`report snooze`: none is made until a time; bounds of that time."""

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
    ("words", "until"),
    [
        ("", "Tue 24 Nov 10:00"),
        (" 90m", "Mon 23 Nov 11:30"),
        (" 2026-12-01T08:00Z", "Tue 01 Dec 09:00"),
        (" 2026-12-01T08:00", "Tue 01 Dec 08:00"),
        (" 366d", "Wed 24 Nov 10:00"),
    ],
)
async def test_how_long_or_until_when_in_the_asker_s_time(terminal, words, until):
    reply = await terminal.say(f"report snooze morning{words}")

    assert reply.title == f"morning is snoozed by bob until {until} (Europe/Berlin)"
    assert buttons(reply) == {"Resume": "report resume morning"}
    report = make_document(reply)["data"]["report"]
    assert report["snoozed_until"] <= report["next_run_at"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "2026-11-23T08:59Z",
            "“2026-11-23T08:59Z” is in the past.\nGive a duration such as 3d, or a future time.",
        ),
        ("now", "“now” is in the past.\nGive a duration such as 3d, or a future time."),
        ("'2h ago'", "“2h ago” is in the past.\nGive a duration such as 3d, or a future time."),
        ("367d", "“367d” is more than a year away.\n“report pause” stops it until someone resumes it."),
        (
            "2027-11-26T00:00Z",
            "“2027-11-26T00:00Z” is more than a year away.\n"
            "“report pause” stops it until someone resumes it.",
        ),
        ("soon", "I can't read “soon” as a time.\nTry 2h (in two hours), “monday 9:00” or 2026-11-20 10:00."),
        ("0m", "I can't read “0m” as a time.\nTry 2h (in two hours), “monday 9:00” or 2026-11-20 10:00."),
    ],
)
async def test_what_is_no_time_ahead_is_refused(terminal, words, said):
    assert refusal(await terminal.say(f"report snooze morning {words}")) == said
    assert await terminal.rows.standings() == {}


async def test_it_comes_by_itself_again(terminal):
    at = make_runner(terminal.kernel)
    await at.look()
    await terminal.say("report snooze morning 1d --reason quiet")
    for _ in range(2):
        terminal.kernel.clock.advance(timedelta(days=1))
        await at.look()

    assert await at.states("morning") == [("24 07:30", "skipped"), ("25 07:30", "made")]
    assert (await terminal.rows.latest("morning"))[-1].why == (
        "snoozed by bob until Tue 24 Nov 10:00 (Europe/Berlin): quiet"
    )


async def test_one_that_is_not_there(terminal):
    assert "Did you mean morning?" in refusal(await terminal.say("report snooze mornin 1d"))


@pytest.mark.parametrize("actor", [VERA, NOBODY])
async def test_who_may_not_is_told_so(terminal, actor):
    assert "You may not run “report snooze” here" in refusal(
        await terminal.say("report snooze morning", actor)
    )
