"""A report of app.yaml on the whole bot: real engine, real listeners, and the buttons below it."""

from datetime import timedelta

import anyio
import pytest
from bot_site import OPS, bot_site
from one_contract import SETTINGS
from passing_time import until
from report_kit import report_line, settings_with

from bot.demo.workspace.slack_faults import SlackFault

pytestmark = pytest.mark.anyio
BOB = "U0BOB"
DETAILS = "Details of morning"


@pytest.fixture
async def site(tmp_path, monkeypatch):
    """Run a bot that has seen its only report, due in an hour."""
    lines = f"reports:\n{report_line(command='cluster list --state AVAILABLE')}"
    settings = settings_with(tmp_path, lines, SETTINGS)
    async with bot_site(tmp_path, monkeypatch, settings=settings) as site:
        rows = site.bot.kernel.dispatcher.reports.rows
        with anyio.fail_after(120):
            while not (await rows.standings()).get("morning"):
                await anyio.sleep(0.02)
        yield site


async def comes(site, words, *, user=BOB, beside=()):
    """Let time pass until the message with these words is there; return it."""

    async def look():
        for message in await site.seen(user):
            if words in message["text"] and message["ts"] not in beside:
                return message
        return None

    return await until(site, look, seconds=1)


async def state(site):
    [slot] = await site.bot.kernel.dispatcher.reports.rows.latest("morning", 1)
    return slot.state.value


async def test_a_report_comes_at_its_time_with_its_details_in_a_thread(site):
    assert not any("morning" in each["text"] for each in await site.seen(BOB))

    site.demo.clock.advance(timedelta(hours=1))
    top = await comes(site, "morning: ")
    details = await comes(site, DETAILS)

    assert "there is nothing to compare with yet" in top["text"]
    assert details["thread_ts"] == top["ts"]
    assert top["ts"] in {each["ts"] for each in await site.seen("U0VERA")}
    with anyio.fail_after(120):
        while await state(site) != "made":
            await anyio.sleep(0.02)


@pytest.mark.parametrize("lost", [1, 4])
async def test_a_report_that_slack_takes_without_saying_so_is_there_once(site, lost):
    """Each post is answered too late: that made four copies of one report."""
    workspace = site.demo.workspace
    workspace.faults.add(SlackFault(target="chat.postMessage", kind="unanswered", times=lost))
    workspace.faults.add(SlackFault(target="conversations.history", kind="server_error", times=lost - 1))
    site.demo.clock.advance(timedelta(hours=1))
    await comes(site, DETAILS)

    tops = [each["text"] for each in await site.seen(BOB) if each["text"].startswith("morning: ")]
    assert len(tops) == 1


@pytest.fixture
async def made(site):
    """Return the site, the report's message and its details."""
    site.demo.clock.advance(timedelta(hours=1))
    return site, await comes(site, "morning: "), await comes(site, DETAILS)


async def press(made, label, words, *, where=1):
    """Press a button of the message (or, 2, of its details); return the result."""
    site, top, details = made
    known = {each["ts"] for each in await site.seen(BOB)}
    outcome = await site.click(BOB, (None, top, details)[where], label)
    assert outcome["ok"], outcome
    return await comes(site, words, beside=known)


async def test_run_again_posts_the_whole_of_it_and_says_who_asked(made):
    again = await press(made, "Run again", "Started by")

    assert "No change since Mon 23 Nov 10:00 (UTC)." in again["text"]
    assert again["text"].startswith("morning: ")


async def test_snooze_settings_and_open_answer_whoever_presses(made):
    snoozed = await press(made, "Snooze a day", "snoozed by")
    settings = await press(made, "Settings", "Report morning")
    opened = await press(made, "Open", "cluster")

    assert "until Tue 24 Nov 10:0" in snoozed["text"]
    assert "snoozed by bob" in settings["text"]
    assert opened["ts"] not in {each["ts"] for each in await made[0].seen("U0VERA")}


async def test_a_muted_section_is_gone_from_the_next_one(made):
    site, _, details = made
    [caption] = [
        element["text"]["text"].removeprefix("Mute “").removesuffix("”")
        for block in details["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    muted = await press(made, f"Mute “{caption}”", f"“{caption}”", where=2)
    await press(made, "Run again", "Started by")

    assert "now hides" in muted["text"]
    tables = [
        block for each in await site.seen(BOB) for block in each.get("blocks", []) if "table" in block["type"]
    ]
    assert len(tables) == 1


@pytest.mark.parametrize("where", ["C0SHARED", "C0NOWHERE"])
async def test_none_is_kept_for_a_channel_shared_with_another_company(site, where):
    line = f'/pg report add mine --command "cluster list" --when "0 9 * * 1" --channel {where} --save'
    refused = await site.ask(BOB, line)

    assert f"{where} is or may be shared with another company" in refused["text"]
    assert await site.bot.kernel.dispatcher.reports.rows.made_in_slack() == []


async def test_csv_comes_to_whoever_presses_alone(made):
    site, top, _ = made
    outcome = await site.click(BOB, top, "CSV")
    assert outcome["ok"], outcome
    files = site.demo.workspace.files.by_id
    await until(site, lambda: files and all(each.completed for each in files.values()), seconds=1)

    [file] = files.values()
    assert file.name.endswith(".csv")
    assert file.content.startswith(b"Name,") or b"Name" in file.content.splitlines()[0]
    assert OPS not in file.channels
