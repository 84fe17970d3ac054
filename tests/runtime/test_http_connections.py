"""`bot.runtime.http_server`: no number of slow clients keeps others out, and none waits for ever."""

import asyncio
import contextlib
import resource
from collections import Counter
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from bot.runtime.http_server import GRACE_SECONDS, ConnectionLimits, ConnectionTable, WebServer

GET = b"GET / HTTP/1.1\r\nhost: bot\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: bot\r\ncontent-length: 10\r\n\r\n"


class OneConnection:
    """A connection of the table, without a socket."""

    def __init__(self, table, address):
        self.table, self.address = table, address
        self.is_open = self.waits_for_client = True
        table.add(self)

    def give_up(self):
        self.is_open = False
        self.table.remove(self)


STEPS = st.lists(
    st.tuples(st.sampled_from(["open", "work", "close", "time"]), st.integers(0, 4), st.integers(0, 100))
)


@given(STEPS)
def test_only_a_waiting_connection_is_given_up_and_one_of_whoever_has_most(steps):
    seconds, there = [0.0], []
    table = ConnectionTable(ConnectionLimits(1, 1.0), lambda: seconds[0])
    for step, address, which in steps:
        if step == "open":
            there.append((OneConnection(table, f"10.0.0.{address}"), seconds[0]))
        elif step == "time":
            seconds[0] += GRACE_SECONDS / 2
        elif there and step == "work":
            each, _ = there[which % len(there)]
            each.waits_for_client = not each.waits_for_client
        elif there:
            there.pop(which % len(there))[0].give_up()
    may_go = [each for each, at in there if each.waits_for_client and at <= seconds[0] - GRACE_SECONDS]
    held = Counter(each.address for each, _ in there)
    later = table.make_room()
    gone = [each for each, _ in there if not each.is_open]

    assert len(gone) == bool(may_go)
    assert (later is None) == (gone != [] or not any(each.waits_for_client for each, _ in there))
    for each in gone:
        assert each == max(may_go, key=lambda one: held[one.address])


def test_descriptors_are_left_for_everything_else():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        assert ConnectionLimits(250, 1.0).count_allowed() == 64
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _answer(request: Request):
    try:
        body = await request.body()
    except ClientDisconnect:
        body = b""
    return PlainTextResponse(f"{len(body)} bytes")


class Clients:
    """Clients of one server, from any address of this machine."""

    def __init__(self, server):
        self.server, self.writers = server, []

    async def connect(self, data=b"", address="127.0.0.1"):
        """Return the answers' reader and a writer; `data` is sent at once."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port, local_addr=(address, 0))
        self.writers.append(writer)
        writer.write(data)
        return reader, writer

    async def close(self):
        for writer in self.writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def clients(most=4, seconds=0.3, answer=_answer):
    app = Starlette(routes=[Route("/", answer, methods=["GET", "POST"])])
    limits = ConnectionLimits(most, seconds)
    async with asyncio.timeout(120), WebServer(app, host="127.0.0.1", limits=limits) as server:
        found = Clients(server)
        yield found
        await found.close()


async def trickle(writer, data):
    """Send a byte now and then, for as long as somebody takes them."""
    with contextlib.suppress(ConnectionError):
        for byte in data:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("start", "more", "part"),
    [
        (b"", b"", "head"),
        (b"GET / HTT", b"P/1.1\r\n" + b"x-a: b\r\n" * 50, "head"),
        (POST, b"1" * 9, "body"),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 50, "body"),
    ],
    ids=["silent", "head", "body", "chunks"],
)
async def test_a_slow_client_is_told_and_closed(start, more, part):
    with capture_logs() as logs:
        async with clients() as site:
            reader, writer = await site.connect(start)
            sending = asyncio.create_task(trickle(writer, more))
            text = (await reader.read()).decode()
            await sending

    assert text.endswith(f"The {part} of the request took longer than 0.3 seconds.\n")
    assert "408 Request Timeout" in text
    assert [each for each in logs if each["log_level"] == "error"] == []


@pytest.mark.anyio
async def test_the_second_request_on_a_connection_has_the_same_time():
    async with clients() as site:
        reader, writer = await site.connect(GET)
        await reader.readuntil(b"bytes")
        sending = asyncio.create_task(trickle(writer, GET[:-2] + b"x-a: b\r\n" * 50))
        text = (await reader.read()).decode()
        await sending

    assert text.endswith("The head of the request took longer than 0.3 seconds.\n")


@pytest.mark.anyio
async def test_a_request_that_the_bot_works_on_is_never_cut_off():
    go_on, begun = asyncio.Event(), asyncio.Semaphore(0)

    async def slow(_request):
        begun.release()
        await go_on.wait()
        return PlainTextResponse("done")

    async with clients(most=2, seconds=0.05, answer=slow) as site:
        working = []
        for _ in range(2):
            working.append(await site.connect(GET))
            await begun.acquire()
        # As many are open as may be: the others wait to be accepted.
        later = [await site.connect(GET) for _ in range(6)]
        go_on.set()
        for reader, _ in (*working, *later):
            assert b"200 OK" in await reader.readuntil(b"done")


@pytest.mark.anyio
@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.8"], ids=["one address", "another address"])
@pytest.mark.parametrize(
    "held", [b"", b"POST / HTTP/1.1\r\n", POST + b"1", GET], ids=["silent", "head", "body", "idle"]
)
async def test_slow_clients_never_keep_another_out(held, address):
    async with clients(most=4, seconds=30) as site:
        for _ in range(12):
            await site.connect(held, address=address)
        answers = []
        for _ in range(5):
            reader, _ = await site.connect(GET)
            answers.append(await reader.readuntil(b"bytes"))

    assert [b"200 OK" in each for each in answers] == [True] * 5


@pytest.mark.anyio
async def test_a_client_that_does_not_read_its_answer_makes_room_as_well():
    async def long(request):
        return PlainTextResponse("x" * (64 << 20) if request.method == "POST" else "short")

    async with clients(most=1, seconds=30, answer=long) as site:
        await site.connect(POST + b"1234567890")
        reader, _ = await site.connect(GET)

        assert b"200 OK" in await reader.readuntil(b"short")
