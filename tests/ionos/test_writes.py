"""Writes: sent at most once, and always with a statement about their result."""

import asyncio

import httpx
import pytest
from api_fakes import (
    V1_PLACE,
    V2_PLACE,
    StepClock,
    bearer,
    failure,
    in_turn,
    transport,
)

from bot.domain.errors import CloudTrouble, ConfigError, OutcomeUnknown, RateLimited, Unreachable
from bot.ionos.http_errors import HttpCall
from bot.ionos.transport import Transport, TransportOptions

pytestmark = pytest.mark.anyio

FINE = httpx.Response(200, json={"ok": True})
POST = HttpCall(place=V1_PLACE, method="POST", path="/clusters", secrets=("hunter2-Secret",))
DONE = frozenset({200})


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ReadTimeout("x"),
        httpx.WriteTimeout("x"),
        httpx.ReadError("x"),
        httpx.WriteError("x"),
        httpx.RemoteProtocolError("x"),
        failure(500),
        failure(502),
        failure(503),
        failure(504),
        failure(408),
        failure(425),
        failure(499),
        httpx.Response(302),
        httpx.Response(206),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_write_whose_answer_is_lost_is_unknown_and_sent_once(method, trouble):
    cloud = in_turn(trouble)
    call = HttpCall(place=V1_PLACE, method=method, path="/clusters")

    with pytest.raises(OutcomeUnknown, match="It is unknown") as caught:
        await transport(cloud).write(call, {}, allowed=DONE)

    assert len(cloud.requests) == 1
    assert "before you have checked" in caught.value.next_step


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")]
)
async def test_a_write_that_never_left_has_changed_nothing_and_is_not_sent_again(trouble):
    cloud = in_turn(trouble)

    with pytest.raises(Unreachable, match="nothing was changed"):
        await transport(cloud).write(POST, {}, allowed=DONE)

    assert len(cloud.requests) == 1


@pytest.mark.parametrize("status", [408, 425, 499])
async def test_the_same_time_outs_of_a_read_are_trouble(status):
    with pytest.raises(CloudTrouble, match=str(status)):
        await transport(in_turn(failure(status))).read(V1_PLACE, "/clusters")


async def test_a_write_takes_one_of_the_slots_of_its_host():
    flying: list[str] = []
    most = 0

    async def answer(request):
        nonlocal most
        flying.append(request.method)
        most = max(most, len(flying))
        await asyncio.sleep(0)
        flying.remove(request.method)
        return FINE

    sender = transport(answer, per_host=2)
    reads = [sender.read(V1_PLACE, "/clusters") for _ in range(5)]
    await asyncio.gather(*reads, *(sender.write(POST, {}, allowed=DONE) for _ in range(5)))

    assert most == 2


async def test_a_host_without_a_free_slot_keeps_no_other_waiting():
    here, there = asyncio.Event(), asyncio.Event()

    async def answer(request):
        if request.url.path.startswith("/de-txl"):
            there.set()
        else:
            here.set()
            await there.wait()
        return FINE

    sender = transport(answer, per_host=1)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(sender.read(V1_PLACE, "/clusters"))
        await here.wait()
        group.create_task(sender.read(V2_PLACE, "/clusters"))

    assert there.is_set()


async def test_a_write_that_is_asked_to_wait_is_not_sent_again():
    cloud = in_turn(failure(429, headers={"retry-after": "1"}), FINE)

    with pytest.raises(RateLimited, match="Nothing was changed"):
        await transport(cloud).write(POST, {}, allowed=DONE)

    assert len(cloud.requests) == 1


async def test_what_objects_before_a_write_keeps_it_from_leaving():
    cloud = in_turn(FINE)

    async def object_to(call):
        raise ConfigError(f"no {call.method}")

    sender = Transport(
        bearer(),
        StepClock(),
        TransportOptions(http=lambda: httpx.MockTransport(cloud), before_write=object_to),
    )
    with pytest.raises(ConfigError, match="no POST"):
        await sender.write(POST, {}, allowed=DONE)
    await sender.read(V1_PLACE, "/clusters")

    assert [request.method for request in cloud.requests] == ["GET"]
