"""`report remove`: ends one made in Slack; one of app.yaml cannot be removed here."""

import pytest
from report_kit import make_runner
from report_terminal import ADD, MORNING, NOBODY, VERA, notes, refusal, report_terminal, table

from bot.domain.reply_document import make_document
from bot.reports.record import SlotState

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch, MORNING) as terminal:
        await terminal.say(f"{ADD} --save")
        yield terminal


async def list_names(terminal):
    return [row["Name"] for row in table(await terminal.say("report list"), "Made in Slack")]


async def test_one_made_in_slack_is_gone_and_comes_no_more(terminal):
    await terminal.say("report run mine")

    reply = await terminal.say("report remove mine")

    assert reply.title == "mine was removed"
    assert make_document(reply)["data"]["report"]["command"] == "cluster list"
    assert notes(reply) == ["It ran “cluster list” on this schedule: every Monday at 9:00."]
    assert await list_names(terminal) == []
    at = make_runner(terminal.kernel)
    await at.look()
    assert at.posts.messages == []
    assert [(each.state, each.why) for each in await terminal.rows.latest("mine")] == [
        (SlotState.SKIPPED, "the report was removed")
    ]


async def test_another_of_its_name_begins_without_its_pause(terminal):
    await terminal.say("report pause mine")
    await terminal.say("report remove mine")
    await terminal.say(f"{ADD} --save")

    [row] = table(await terminal.say("report list"), "Made in Slack")
    assert row["Next"] == "Mon 30 Nov 09:00 (Europe/Berlin)"


async def test_one_of_app_yaml_is_removed_there(terminal):
    assert refusal(await terminal.say("report remove morning")) == (
        "morning is defined in app.yaml, so it can only be removed there.\n"
        "“report pause morning” stops it until someone resumes it."
    )


async def test_one_that_is_not_there(terminal):
    assert refusal(await terminal.say("report remove mien")) == "There is no report mien.\nDid you mean mine?"


@pytest.mark.parametrize("actor", [VERA, NOBODY])
async def test_who_may_not_is_told_so(terminal, actor):
    assert "You may not run “report remove” here" in refusal(await terminal.say("report remove mine", actor))
    assert await list_names(terminal) == ["mine"]
