"""`report preview`: a report's current content; nothing is posted, stored or requested, and nobody is
notified."""

import pytest
from report_terminal import (
    ADD,
    ALICE,
    MORNING,
    NOBODY,
    VERA,
    buttons,
    hourly,
    mentioned,
    notes,
    refusal,
    report_terminal,
    table,
    texts,
)

from bot.domain.reply import Audience, Fields, Note, Table, Text
from bot.domain.reply_document import make_document
from bot.reports.record import Report
from bot.settings.report_settings import ReportSetting

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch, MORNING) as terminal:
        yield terminal


async def test_message_and_thread_together_of_both_apis(terminal):
    reply = await terminal.say("report preview morning")

    states = {row["Cluster"]: row["State"] for row in table(reply, "Not AVAILABLE")}
    assert reply.title.startswith("morning: 12 of 44 clusters are not available: ")
    assert (states["inventory-prod"], states["payments-staging"]) == ("DEGRADED", "UPDATING")
    assert texts(reply) == ["This is the first run, so there is nothing to compare with yet."]
    assert notes(reply) == ["This is a preview. The report would be posted in C0OPS."]
    assert buttons(reply) == {}
    assert reply.audience is Audience.PRIVATE
    data = make_document(reply)["data"]
    assert (data["report"]["name"], data["title"]) == ("morning", reply.title)
    assert "This is a preview." in data["text"]
    assert data["answer_schema"].startswith("pgbot/")


async def test_it_posts_nothing_and_keeps_nothing(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary fleet") as report:
        terminal = report.terminal
        await report.next()
        terminal.record("orders-prod").phase = "FAILED"
        before = (await terminal.rows.results("hourly"), len(report.runner.posts.messages))
        preview = await terminal.say("report preview hourly")
        after = (await terminal.rows.results("hourly"), len(report.runner.posts.messages))
        open_slots = await terminal.rows.open_slots()
        later = await report.news()

    assert before == after
    assert open_slots == []
    assert "New under “Not AVAILABLE”: orders-prod." in texts(preview)[0]
    assert "New under “Not AVAILABLE”: orders-prod." in later
    assert mentioned(preview) == set()
    assert "It would mention U0ALICE." in notes(preview)


async def test_muted_sections_and_those_not_selected_are_left_out(terminal):
    await terminal.say("report mute morning not available")

    assert table(await terminal.say("report preview morning"), "Not AVAILABLE") == []


async def test_everybody_previews_what_they_may_see(terminal):
    reply = await terminal.say("report preview morning", ALICE)

    assert reply.title == "morning: All 3 clusters are available"


async def test_from_the_terminal_and_for_machines(terminal):
    reply = await terminal.say("report preview morning", NOBODY, "")

    assert reply.ok
    assert [type(part) for part in reply.parts] == [Text, Fields, Table, Note]


async def test_one_that_could_not_be_made_says_so(terminal):
    await terminal.fault(kind="status", status=403)

    reply = await terminal.say("report preview morning")

    assert not reply.ok
    assert reply.title.startswith("No cluster could be read; ")


async def test_nobody_previews_what_they_may_not_run(terminal):
    await terminal.say(f"{ADD} --save".replace("cluster list", "audit list"))

    said = refusal(await terminal.say("report preview mine", ALICE))

    assert said.startswith("You may not run “audit list” here")


async def test_a_command_that_is_no_read_any_more_is_not_run(terminal):
    setting = ReportSetting(**MORNING | {"name": "old", "command": "report pause morning"})
    await terminal.rows.add(Report(setting=setting, by="U0BOB", at=terminal.kernel.clock.now()))

    said = refusal(await terminal.say("report preview old"))

    assert said.startswith("“report pause” makes changes")
    assert await terminal.rows.standings() == {}


async def test_a_change_of_app_yaml_is_only_planned(tmp_path, monkeypatch):
    line = MORNING | {"command": "drill orders-prod"}
    async with report_terminal(tmp_path, monkeypatch, line) as terminal:
        reply = await terminal.say("report preview morning")
        refused = refusal(await terminal.say("report preview morning", NOBODY))

        assert reply.ok
        assert "Dry run: nothing was requested and nothing was changed." in notes(reply)
        data = make_document(reply)["data"]
        assert (data["answer_schema"], data["answer"]["plan"]["command"]) == (
            "pgbot/planned-change/v1",
            "drill",
        )
        assert "the terminal may only read" in refused
        assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_one_that_is_not_there(terminal):
    assert "Did you mean morning?" in refusal(await terminal.say("report preview mornin"))


async def test_who_may_not_is_told_so(terminal):
    assert "You may not run “report preview” here" in refusal(
        await terminal.say("report preview morning", VERA)
    )
