"""The outbox: destinations, rates, and refusals by Slack."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
import structlog
from outbox_kit import HurryingClock, make_outbox, open_database, open_outbox
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

from bot.demo.loopback_server import LoopbackServer
from bot.demo.virtual_clock import EPOCH, VirtualClock
from bot.demo.workspace.app_manifest import AppManifest
from bot.demo.workspace.slack_faults import SlackFault
from bot.domain.errors import SlackError
from bot.domain.reply import Audience, File, Reply, Table, Text
from bot.domain.request import Actor, Invocation, Origin
from bot.slack.message_renderer import SlackMessage, render
from bot.slack.rate_limits import EditPace, MessagePace
from bot.slack.web_api import RetryWait

pytestmark = pytest.mark.anyio

REPLY = Reply("2 clusters", (Table("Clusters", ("Name",), (("<!channel>",), ("orders",))),))
WITH_FILE = Reply("A report", (Text("Here it is."), File("report.csv", b"a,b\r\n1,2\r\n")))
SAFE = {"parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}


def asked(channel="C0OPS", user="U0ALICE"):
    actor = Actor(origin=Origin.SLACK, id=user)
    return Invocation(key="k", trace="t", actor=actor, channel=channel, text="cluster list", at=EPOCH)


def address(site, *, user="U0ALICE", channel="C0OPS", message_ts=None):
    hook = site.workspace.response_urls.issue(user=user, channel=channel, message_ts=message_ts)
    return f"{site.url}/response/{hook.key}"


def by_bot(site, channel):
    return [message for message in site.workspace.channels[channel].messages.values() if message.by_bot]


def calls(site, method):
    return [arguments for name, arguments in site.workspace.calls if name == method]


async def test_a_private_answer_is_seen_by_the_asker_only():
    async with open_outbox() as (site, outbox, _):
        await outbox.answer(asked(), address(site), render(REPLY), Audience.PRIVATE)
        (message,) = by_bot(site, "C0OPS")
        assert message.only_for == "U0ALICE"
        assert [block["type"] for block in message.blocks] == ["header", "data_table"]
        assert "<!channel>" not in message.text


async def test_an_answer_for_the_channel_is_seen_by_all():
    async with open_outbox() as (site, outbox, _):
        await outbox.answer(asked(), address(site), render(REPLY), Audience.CHANNEL)
        assert [message.only_for for message in by_bot(site, "C0OPS")] == [None]


async def test_an_answer_can_take_the_place_of_the_message_that_was_clicked():
    async with open_outbox() as (site, outbox, _):
        posted = await outbox.post("C0OPS", SlackMessage("Before"), key="1")
        url = address(site, message_ts=posted.ts)
        await outbox.answer(asked(), url, SlackMessage("After"), Audience.CHANNEL, replace=True)
        assert [message.text for message in by_bot(site, "C0OPS")] == ["After"]


async def test_a_used_up_address_is_made_up_for_in_the_channel_privately():
    async with open_outbox() as (site, outbox, _):
        url = address(site)
        for _ in range(6):
            await outbox.answer(asked(), url, render(REPLY), Audience.PRIVATE)
        assert [message.only_for for message in by_bot(site, "C0OPS")] == ["U0ALICE"] * 6
        assert len(calls(site, "chat.postEphemeral")) == 1


async def test_what_goes_on_is_said_in_place_to_the_asker_alone_and_taken_back():
    async with open_outbox() as (site, outbox, _):
        url = address(site)
        first = await outbox.show_progress(url, "Looking at <!channel>", replace=False)
        second = await outbox.show_progress(url, "Looking at 50", replace=True)
        shown = [(message.text, message.only_for) for message in by_bot(site, "C0OPS")]
        await outbox.remove_progress(url)
        assert (first, second) == (True, True)
        assert shown == [("Looking at 50", "U0ALICE")]
        assert by_bot(site, "C0OPS") == []


async def test_what_goes_on_is_not_worth_waiting_for():
    async with open_outbox() as (site, outbox, clock):
        url = address(site)
        site.workspace.faults.add(SlackFault(target="response_url", kind="rate_limited", seconds=20))
        said = await outbox.show_progress(url, "Looking", replace=False)
        assert not said
        assert clock.slept == []
        assert by_bot(site, "C0OPS") == []


async def test_what_cannot_be_taken_back_stays():
    async with open_outbox() as (site, outbox, _):
        url = address(site)
        await outbox.show_progress(url, "Looking", replace=False)
        site.clock.advance(timedelta(minutes=31))
        await outbox.remove_progress(url)
        assert [message.text for message in by_bot(site, "C0OPS")] == ["Looking"]


async def test_an_expired_address_is_made_up_for_in_the_channel():
    async with open_outbox() as (site, outbox, _):
        url = address(site)
        site.clock.advance(timedelta(minutes=31))
        await outbox.answer(asked(), url, render(REPLY), Audience.CHANNEL)
        assert [message.only_for for message in by_bot(site, "C0OPS")] == [None]
        assert len(calls(site, "chat.postMessage")) == 1


@pytest.mark.parametrize("audience", Audience)
async def test_where_the_bot_is_no_member_the_answer_comes_by_direct_message(audience):
    async with open_outbox(AppManifest(scopes=frozenset({"chat:write", "im:write"}))) as (site, outbox, _):
        await outbox.answer(asked("C0GENERAL"), "", render(REPLY), audience)
        assert by_bot(site, "C0GENERAL") == []
        assert len(by_bot(site, "D0ALICE")) == 1


async def test_nobody_to_be_reached_is_an_error():
    async with open_outbox() as (_, outbox, _):
        with pytest.raises(SlackError):
            await outbox.answer(asked(user="U0GONE"), "", render(REPLY), Audience.PRIVATE)


@pytest.mark.parametrize("audience", Audience)
async def test_files_go_to_the_direct_message_and_never_into_the_channel(audience):
    async with open_outbox() as (site, outbox, _):
        await outbox.answer(asked(), address(site), render(WITH_FILE), audience)
        (file,) = site.workspace.files.by_id.values()
        assert (file.name, file.content) == ("report.csv", b"a,b\r\n1,2\r\n")
        assert file.channels == ["D0ALICE"]


async def test_a_post_leaves_its_files_behind():
    async with open_outbox() as (site, outbox, _):
        await outbox.post("C0OPS", render(WITH_FILE), key="2")
        assert site.workspace.files.by_id == {}


async def test_a_direct_message_brings_its_files():
    async with open_outbox() as (site, outbox, _):
        posted = await outbox.direct("U0BOB", render(WITH_FILE), key="4")
        assert posted.channel == "D0BOB"
        assert [file.channels for file in site.workspace.files.by_id.values()] == [["D0BOB"]]


async def test_several_files_are_one_message_and_an_empty_one_is_no_error():
    async with open_outbox() as (site, outbox, _):
        await outbox.upload("U0BOB", (File("a.txt", b"a"), File("empty.txt", b"")), key="5")
        assert [len(message.files) for message in by_bot(site, "D0BOB")] == [2]


async def test_a_file_that_does_not_arrive_is_an_error_that_names_it():
    async with open_outbox() as (site, outbox, _):
        site.workspace.faults.add(SlackFault(target="upload", kind="server_error"))
        with pytest.raises(SlackError, match=r"report\.csv"):
            await outbox.direct("U0BOB", render(WITH_FILE), key="5")


async def test_a_post_can_go_to_a_thread():
    async with open_outbox() as (site, outbox, _):
        parent = await outbox.post("C0OPS", SlackMessage("Parent"), key="6")
        child = await outbox.post("C0OPS", SlackMessage("Child"), thread=parent.ts, key="7")
        assert site.workspace.channels["C0OPS"].messages[child.ts].thread_ts == parent.ts


async def test_nothing_sent_is_parsed_or_unfolded():
    """chat.update has other defaults than posting, so it gets the same arguments."""
    async with open_outbox() as (site, outbox, _):
        posted = await outbox.post("C0OPS", render(REPLY), key="8")
        await outbox.update(posted.channel, posted.ts, render(REPLY))
        await outbox.ephemeral("C0OPS", "U0BOB", render(REPLY), key="9")
        for method in ("chat.postMessage", "chat.update", "chat.postEphemeral"):
            (sent,) = calls(site, method)
            assert {name: sent[name] for name in SAFE} == {**SAFE, "link_names": sent["link_names"]}
            assert sent["link_names"] in (0, False)
            assert sent["text"].startswith("2 clusters")


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_attachments", "msg_blocks_too_long"])
async def test_refused_blocks_are_sent_once_more_in_the_simplest_form(code):
    async with open_outbox() as (site, outbox, _):
        site.workspace.faults.add(SlackFault(target="chat.postMessage", kind="error", code=code))
        await outbox.post("C0OPS", render(REPLY), key="10")
        (message,) = by_bot(site, "C0OPS")
        assert {block["type"] for block in message.blocks} == {"section"}
        assert "orders" in message.blocks[0]["text"]["text"]


async def test_the_simplest_form_is_tried_only_once():
    async with open_outbox() as (site, outbox, _):
        site.workspace.faults.add(SlackFault(target="chat.postMessage", kind="error", times=2))
        with pytest.raises(SlackError) as caught:
            await outbox.post("C0OPS", render(REPLY), key="11")
        assert caught.value.code == "invalid_blocks"
        assert site.workspace.faults.pending == []


async def test_an_answer_whose_blocks_are_refused_uses_the_address_again():
    async with open_outbox() as (site, outbox, _):
        site.workspace.faults.add(SlackFault(target="response_url", kind="error"))
        await outbox.answer(asked(), address(site), render(REPLY), Audience.PRIVATE)
        (message,) = by_bot(site, "C0OPS")
        assert {block["type"] for block in message.blocks} == {"section"}
        assert calls(site, "chat.postEphemeral") == []


async def test_an_edit_whose_blocks_are_refused_is_made_in_the_simplest_form():
    async with open_outbox() as (site, outbox, _):
        posted = await outbox.post("C0OPS", render(REPLY), key="12")
        site.workspace.faults.add(SlackFault(target="chat.update", kind="error"))
        await outbox.update(posted.channel, posted.ts, render(REPLY))
        (message,) = by_bot(site, "C0OPS")
        assert {block["type"] for block in message.blocks} == {"section"}


async def test_a_429_is_waited_for_on_our_clock():
    async with open_outbox() as (site, outbox, clock):
        site.workspace.faults.add(SlackFault(target="chat.postMessage", kind="rate_limited", seconds=7))
        await outbox.post("C0OPS", SlackMessage("Hello"), key="13")
        assert clock.slept == [7]
        assert len(by_bot(site, "C0OPS")) == 1


@pytest.mark.parametrize(("times", "seconds"), [(3, 2), (1, 61)])
async def test_a_429_that_lasts_is_an_error(times, seconds):
    async with open_outbox() as (site, outbox, clock):
        fault = SlackFault(target="chat.postMessage", kind="rate_limited", times=times, seconds=seconds)
        site.workspace.faults.add(fault)
        with pytest.raises(SlackError) as caught:
            await outbox.post("C0OPS", SlackMessage("Hello"), key="14")
        assert caught.value.code == "ratelimited"
        assert sum(clock.slept) <= 60


async def test_a_response_url_that_is_rate_limited_is_tried_again():
    async with open_outbox() as (site, outbox, clock):
        site.workspace.faults.add(SlackFault(target="response_url", kind="rate_limited"))
        await outbox.answer(asked(), address(site), render(REPLY), Audience.PRIVATE)
        assert len(clock.slept) == 1
        assert calls(site, "chat.postEphemeral") == []


async def test_messages_in_one_channel_are_a_second_apart():
    async with open_outbox() as (_, outbox, clock):
        for number in range(3):
            await outbox.post("C0OPS", SlackMessage("Hello"), key=f"{number}")
        await outbox.post("C0DBA", SlackMessage("Hello"), key="16")
        assert clock.slept == [1, 1]


async def test_turns_are_given_in_the_order_they_were_asked_for():
    clock, order = VirtualClock(), []
    pace = MessagePace(RetryWait(clock))

    async def take(name):
        await pace.wait_turn("C1")
        order.append((name, clock.monotonic()))

    tasks = [asyncio.create_task(take(name)) for name in "abc"]
    for _ in range(3):
        await settle()
        clock.advance(timedelta(seconds=1))
    await asyncio.gather(*tasks)
    assert order == [("a", 0), ("b", 1), ("c", 2)]


async def settle():
    """Let every task run until it waits for the clock."""
    for _ in range(20):
        await asyncio.sleep(0)


class Board:
    """A record of edits with their times, in place of the outbox's last step."""

    def __init__(self):
        self.clock = VirtualClock()
        self.shown = []
        self.refuse = ""
        self.edits = EditPace(RetryWait(self.clock), self.edit)

    async def edit(self, channel, ts, message):
        if self.refuse:
            raise SlackError("No.", code=self.refuse)
        self.shown.append((self.clock.monotonic(), ts, message.text))

    def update(self, text, ts="1"):
        return asyncio.create_task(self.edits.update("C1", ts, SlackMessage(text)))


async def test_edits_that_come_too_fast_become_one_and_the_latest_wins():
    board = Board()
    tasks = [board.update("one")]
    await settle()
    tasks += [board.update("two"), board.update("three")]
    await settle()
    board.clock.advance(timedelta(seconds=2))
    tasks.append(board.update("four"))
    await settle()
    assert board.shown == [(0, "1", "one")]
    board.clock.advance(timedelta(seconds=1))
    await asyncio.gather(*tasks)
    assert board.shown == [(0, "1", "one"), (3, "1", "four")]


async def test_edits_of_two_messages_do_not_wait_for_each_other():
    board = Board()
    await asyncio.gather(board.update("one"), board.update("two", ts="2"))
    assert board.shown == [(0, "1", "one"), (0, "2", "two")]


async def test_who_gives_up_waiting_takes_no_edit_from_the_others():
    board = Board()
    await board.update("one")
    first = board.update("two")
    await settle()
    first.cancel()
    await settle()
    second = board.update("three")
    await settle()
    board.clock.advance(timedelta(seconds=3))
    await second
    assert [text for _, _, text in board.shown] == ["one", "three"]


async def test_everyone_who_waits_learns_that_an_edit_failed_and_the_next_one_is_made():
    board = Board()
    await board.update("one")
    board.refuse = "message_not_found"
    tasks = [board.update("two"), board.update("three")]
    await settle()
    board.clock.advance(timedelta(seconds=3))
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [error.code for error in results] == ["message_not_found"] * 2
    board.refuse = ""
    later = board.update("four")
    await settle()
    board.clock.advance(timedelta(seconds=3))
    await later
    assert board.shown[-1] == (6, "1", "four")


async def test_draining_waits_for_the_last_edit():
    board = Board()
    await board.update("one")
    waiting = board.update("two")
    await settle()
    drained = asyncio.create_task(board.edits.drain())
    await settle()
    assert not drained.done()
    board.clock.advance(timedelta(seconds=3))
    await asyncio.gather(drained, waiting)
    assert board.shown[-1] == (3, "1", "two")


async def test_not_being_in_a_channel_says_how_to_be_invited():
    async with open_outbox(AppManifest(scopes=frozenset({"chat:write"}))) as (_, outbox, _):
        with pytest.raises(SlackError, match="/invite @") as caught:
            await outbox.post("C0GENERAL", SlackMessage("Hello"), key="17")
        assert caught.value.code == "not_in_channel"


async def test_a_missing_permission_is_named():
    async with open_outbox(AppManifest(scopes=frozenset({"chat:write"}))) as (_, outbox, _):
        with pytest.raises(SlackError) as caught:
            await outbox.direct("U0BOB", SlackMessage("Hello"), key="18")
        assert caught.value.code == "missing_scope"
        assert caught.value.sentence == (
            "The app lacks a permission in Slack: the scope im:write. It has chat:write."
        )
        assert "`pgbot manifest`" in caught.value.next_step


@pytest.mark.parametrize(
    ("channel", "code"),
    [("C0OLD", "is_archived"), ("C0SECRET", "channel_not_found"), ("C0NONE", "channel_not_found")],
)
async def test_other_refusals_keep_slacks_word(channel, code):
    async with open_outbox(AppManifest(scopes=frozenset({"chat:write"}))) as (_, outbox, _):
        with pytest.raises(SlackError) as caught:
            await outbox.post(channel, SlackMessage("Hello"), key="19")
        assert caught.value.code == code


async def test_a_message_that_is_gone_cannot_be_edited():
    async with open_outbox() as (_, outbox, _):
        with pytest.raises(SlackError, match="Post a new one") as caught:
            await outbox.update("C0OPS", "1.0", SlackMessage("Hello"))
        assert caught.value.code == "message_not_found"


async def _html(request):
    return HTMLResponse("<html>xoxb-canary Bad gateway</html>", 502)


async def _words(request):
    return PlainTextResponse("xoxb-canary welcome to the proxy", 200)


async def _half(request):
    return PlainTextResponse('{"ok": tr', 200, media_type="application/json")


async def _elsewhere(request):
    return RedirectResponse("/elsewhere", 307)


@pytest.mark.parametrize("answer", [_html, _words, _half, _elsewhere])
async def test_an_answer_that_is_not_slacks_is_an_error_without_its_words(answer):
    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    async with LoopbackServer(app) as server, aiohttp.ClientSession() as session, open_database() as database:
        client = AsyncWebClient(token="xoxb-canary", base_url=f"{server.url}/", session=session)
        outbox = make_outbox(client, session, HurryingClock(), database)
        with pytest.raises(SlackError) as caught, structlog.testing.capture_logs() as logs:
            await outbox.answer(asked(), f"{server.url}/secret-address", render(REPLY), Audience.PRIVATE)
    said = f"{caught.value!r} {caught.value} {caught.value.__cause__} {logs}"
    assert caught.value.__suppress_context__
    assert "canary" not in said
    assert "secret-address" not in said


async def test_a_slack_that_cannot_be_reached_is_an_error_without_the_address():
    async with LoopbackServer(Starlette()) as server:
        gone = server.url
    async with aiohttp.ClientSession() as session, open_database() as database:
        url = f"{gone}/api/"
        # Without slack_sdk's own second try, which waits on the machine's clock.
        client = AsyncWebClient(token="xoxb-canary", base_url=url, session=session, retry_handlers=[])
        outbox = make_outbox(client, session, HurryingClock(), database)
        with pytest.raises(SlackError) as caught, structlog.testing.capture_logs() as logs:
            await outbox.answer(asked(), f"{gone}/secret-address", render(REPLY), Audience.PRIVATE)
    assert caught.value.code == "not_connected"
    assert "secret-address" not in f"{caught.value} {logs}"
    assert "canary" not in f"{caught.value!r} {logs} {outbox!r}"
