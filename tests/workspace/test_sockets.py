"""Socket Mode: hello, several connections, reconnection, and repeated events."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from workspace_bolt import bolt_over_socket, until_connected, wait_until
from workspace_site import workspace_site

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site():
    async with workspace_site() as open_site:
        yield open_site


async def open_url(site):
    return (await site.client_with("xapp-demo").apps_connections_open(app_token="xapp-demo"))["url"]


async def test_hello_counts_connections_and_an_address_works_once(site):
    url = await open_url(site)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            hello = await socket.receive_json()
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
            assert hello["connection_info"]["app_id"] == "A0PGBOT"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_an_envelope_is_acked_with_an_answer(site):
    async with aiohttp.ClientSession() as session, session.ws_connect(await open_url(site)) as socket:
        await socket.receive_json()
        typing = asyncio.create_task(site.operate("slash", user="U0ALICE", channel="C0OPS", text="/pg x"))
        envelope = await socket.receive_json()
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
        assert envelope["payload"]["text"] == "x"
        await socket.send_json({"envelope_id": "another", "payload": {}})
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "done"}})
        assert (await typing)["ack"] == {"text": "done"}
        assert (await site.seen("U0ALICE", "C0OPS"))[-1]["text"] == "done"


async def test_payloads_are_spread_over_the_connections(site):
    async with bolt_over_socket(site) as (_one, first), bolt_over_socket(site) as (_two, second):
        for _turn in range(4):
            await site.operate("slash", user="U0ALICE", channel="C0OPS", text="/pg public")
        assert (len(first), len(second)) == (2, 2)


async def test_no_more_than_ten_connections_are_held(site):
    async with aiohttp.ClientSession() as session:
        open_ = [await session.ws_connect(await open_url(site)) for _number in range(10)]
        await until_connected(site.workspace, 10)
        async with session.ws_connect(await open_url(site)) as eleventh:
            assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
        for socket in open_:
            await socket.close()


async def test_the_client_comes_back_after_a_refresh(site):
    async with bolt_over_socket(site) as (_handler, seen):
        before = site.workspace.sockets.connections
        await site.operate("connections", disconnect="refresh_requested")
        while not site.workspace.sockets.connections or site.workspace.sockets.connections == before:
            await asyncio.sleep(0.01)
        assert (await site.operate("slash", user="U0ALICE", channel="C0OPS", text="/pg public"))["ok"]
        assert len(seen) == 1


async def test_the_client_comes_back_after_an_abrupt_drop(site):
    async with bolt_over_socket(site, ping_interval=0.2) as (_handler, seen):
        before = site.workspace.sockets.connections
        await site.operate("connections", drop=True)
        while not site.workspace.sockets.connections or site.workspace.sockets.connections == before:
            await asyncio.sleep(0.01)
        assert (await site.operate("slash", user="U0ALICE", channel="C0OPS", text="/pg public"))["ok"]
        assert len(seen) == 1


async def test_a_drop_has_no_closing_word(site):
    async with aiohttp.ClientSession() as session, session.ws_connect(await open_url(site)) as socket:
        await socket.receive_json()
        await site.operate("connections", disconnect="warning")
        assert await socket.receive_json() == {
            "type": "disconnect",
            "reason": "warning",
            "debug_info": {"host": "demo"},
        }
        await site.operate("connections", drop=True)
        assert (await socket.receive()).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
        assert socket.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE


async def test_an_event_that_is_not_acked_comes_again_three_times():
    async with (
        workspace_site(ack_seconds=0.05) as site,
        aiohttp.ClientSession() as session,
        session.ws_connect(await open_url(site)) as socket,
    ):
        await socket.receive_json()
        await site.operate("say", user="U0BOB", channel="C0OPS", text="@pgops hello")
        envelopes = [await socket.receive_json(), await socket.receive_json()]
        for wait in (60, 300):
            await until_asleep(site)
            site.clock.advance(timedelta(seconds=wait))
            envelopes.append(await socket.receive_json())
        assert [envelope["retry_attempt"] for envelope in envelopes] == [0, 1, 2, 3]
        assert [envelope["retry_reason"] for envelope in envelopes] == ["", *["timeout"] * 3]
        assert len({envelope["payload"]["event_id"] for envelope in envelopes}) == 1
        assert envelopes[0]["accepts_response_payload"] is False


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
async def test_the_official_client_moves_on_whatever_the_reason(site, reason):
    async with bolt_over_socket(site) as (_handler, seen):
        (before,) = site.workspace.sockets.connections
        await site.operate("connections", disconnect=reason)
        while before in site.workspace.sockets.connections:
            await asyncio.sleep(0.01)
        await until_connected(site.workspace, 1)
        assert (await site.operate("slash", user="U0ALICE", channel="C0OPS", text="/pg public"))["ok"]
        assert len(seen) == 1


async def test_a_connection_that_was_asked_to_go_gets_no_more_and_is_closed(site):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(await open_url(site)) as leaving,
        session.ws_connect(await open_url(site)) as staying,
    ):
        await until_connected(site.workspace, 2)
        for socket in (leaving, staying):
            assert (await socket.receive_json())["type"] == "hello"
        await site.operate("connections", disconnect="refresh_requested", at=0)
        assert (await leaving.receive_json())["reason"] == "refresh_requested"
        for _turn in range(3):
            typing = asyncio.create_task(site.operate("slash", user="U0ALICE", channel="C0OPS", text="/pg x"))
            envelope = await staying.receive_json()
            await staying.send_json({"envelope_id": envelope["envelope_id"]})
            assert (await typing)["ok"]
        await until_asleep(site)
        site.clock.advance(timedelta(seconds=10))
        assert (await leaving.receive()).type == aiohttp.WSMsgType.CLOSE
        assert leaving.close_code == aiohttp.WSCloseCode.OK
        assert len(site.workspace.sockets.connections) == 1


async def test_a_connection_for_debugging_is_warned_refreshed_and_closed_in_six_minutes(site):
    async with aiohttp.ClientSession() as session:
        url = f"{await open_url(site)}&debug_reconnects=true"
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["debug_info"]["approximate_connection_time"] == 360
            for wait, reason in ((350, "warning"), (10, "refresh_requested")):
                await until_asleep(site)
                site.clock.advance(timedelta(seconds=wait))
                assert (await socket.receive_json())["reason"] == reason
            await until_asleep(site)
            site.clock.advance(timedelta(seconds=10))
            assert (await socket.receive()).type == aiohttp.WSMsgType.CLOSE


async def test_one_of_two_connections_is_cut_and_the_other_carries_on(site):
    async with (
        bolt_over_socket(site, ping_interval=60) as (_one, first),
        bolt_over_socket(site) as (_t, second),
    ):
        gone, kept = site.workspace.sockets.connections
        await site.operate("connections", drop=True, at=0)
        while gone in site.workspace.sockets.connections:
            await asyncio.sleep(0.01)
        assert site.workspace.sockets.connections == (kept,)
        for _turn in range(2):
            assert (await site.operate("slash", user="U0ALICE", channel="C0OPS", text="/pg public"))["ok"]
        assert (len(first), len(second)) == (0, 2)
        nobody = await site.operate("connections", drop=True, at=7)
        assert nobody["error"] == "invalid_arguments"
        assert (await site.operate("connections", disconnect="boredom"))["error"] == "invalid_reason"


async def test_an_event_waits_for_a_connection_that_was_not_there(site):
    await site.operate("say", user="U0BOB", channel="C0OPS", text="@pgops hello")
    await until_asleep(site)
    async with bolt_over_socket(site) as (_handler, seen):
        site.clock.advance(timedelta(seconds=60))
        await wait_until(lambda: any("you called" in m.text for m in said(site)))
        assert [what for what, _body in seen] == ["event"]
        while site.workspace._tasks:
            await asyncio.sleep(0.01)
        assert site.clock._sleepers == []


def said(site):
    return site.workspace.channels["C0OPS"].messages.values()


async def until_asleep(site):
    """Wait until the redelivery sleeps on the workspace's clock."""
    while not site.clock._sleepers:
        await asyncio.sleep(0.01)


async def test_an_event_that_is_acked_comes_once(site):
    async with aiohttp.ClientSession() as session, session.ws_connect(await open_url(site)) as socket:
        await socket.receive_json()
        await site.operate("home", user="U0BOB")
        envelope = await socket.receive_json()
        assert (envelope["payload"]["event"]["type"], envelope["retry_attempt"]) == ("app_home_opened", 0)
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        while site.workspace._tasks:
            await asyncio.sleep(0.01)
        assert site.clock._sleepers == []
