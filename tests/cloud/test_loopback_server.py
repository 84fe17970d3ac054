"""The server of the simulators and of test applications."""

import asyncio
import contextlib
import logging
import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from websockets.asyncio.client import connect

from bot.demo.loopback_server import ConnectionCut, LoopbackServer

pytestmark = pytest.mark.anyio


async def hello(request):
    return PlainTextResponse("hello")


async def cut_at_once(scope, receive, send):
    raise ConnectionCut


async def cut_in_the_middle(scope, receive, send):
    headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"half": ', "more_body": True})
    raise ConnectionCut


async def echo(websocket):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


def application(*routes):
    return Starlette(routes=[Route("/", hello), WebSocketRoute("/ws", echo), *routes])


async def test_serves_on_a_free_loopback_port():
    async with LoopbackServer(application()) as one, LoopbackServer(application()) as two:
        assert one.url.startswith("http://127.0.0.1:")
        assert one.url != two.url
        async with httpx.AsyncClient() as client:
            assert (await client.get(one.url)).text == "hello"
            assert (await client.get(two.url)).text == "hello"


async def test_carries_websockets():
    async with (
        LoopbackServer(application()) as server,
        connect(f"ws://127.0.0.1:{server.port}/ws", proxy=None) as websocket,
    ):
        await websocket.send("ping")
        assert await websocket.recv() == "ping"


@pytest.mark.parametrize("cut", [cut_at_once, cut_in_the_middle])
async def test_a_cut_is_a_transport_error_on_a_socket_and_in_process(cut, caplog):
    async with LoopbackServer(cut) as server, httpx.AsyncClient() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(server.url)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(cut)) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("http://cloud/")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_stops_although_a_request_hangs():
    arrived = asyncio.Event()

    async def hang(request: Request):
        arrived.set()
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return PlainTextResponse("nobody is left to read this")

    async with httpx.AsyncClient() as client:
        async with LoopbackServer(application(Route("/hang", hang))) as server:
            hanging = asyncio.create_task(client.get(f"{server.url}/hang"))
            await arrived.wait()
        with pytest.raises(httpx.TransportError):
            await hanging


async def test_small_answers_are_not_held_back():
    async with LoopbackServer(application()) as server, httpx.AsyncClient() as client:
        await client.get(server.url)
        (connection,) = server._server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_taken_port_is_an_os_error():
    async with LoopbackServer(application()) as server:
        with pytest.raises(OSError, match="in use"):
            await LoopbackServer(application(), port=server.port).__aenter__()


async def test_an_application_that_fails_to_start_raises():
    @contextlib.asynccontextmanager
    async def broken(app):
        raise ValueError("no")
        yield

    with pytest.raises(RuntimeError, match="did not start"):
        await LoopbackServer(Starlette(lifespan=broken)).__aenter__()
