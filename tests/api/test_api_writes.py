"""Writes leave at most once, and never without a word about what became of them."""

import httpx
import pytest
from api_fakes import (
    V1_PLACE,
    StepClock,
    bearer,
    failure,
    in_turn,
    transport,
)

from bot.api.faults import Call
from bot.api.transport import Transport, Wiring
from bot.errors import (
    ConfigError,
    OutcomeUnknown,
    RateLimited,
    Unreachable,
)

pytestmark = pytest.mark.anyio

FINE = httpx.Response(200, json={"ok": True})
POST = Call(place=V1_PLACE, method="POST", path="/clusters", secrets=("hunter2-Secret",))
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
        httpx.Response(302),
        httpx.Response(206),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_write_whose_answer_is_lost_is_unknown_and_sent_once(method, trouble):
    cloud = in_turn(trouble)
    call = Call(place=V1_PLACE, method=method, path="/clusters")

    with pytest.raises(OutcomeUnknown, match="not known") as caught:
        await transport(cloud).write(call, {}, allowed=DONE)

    assert len(cloud.requests) == 1
    assert "before looking" in caught.value.next_step


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")]
)
async def test_a_write_that_never_left_has_changed_nothing_and_is_not_sent_again(trouble):
    cloud = in_turn(trouble)

    with pytest.raises(Unreachable, match="nothing was changed"):
        await transport(cloud).write(POST, {}, allowed=DONE)

    assert len(cloud.requests) == 1


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
        bearer(), StepClock(), Wiring(http=lambda: httpx.MockTransport(cloud), before_write=object_to)
    )
    with pytest.raises(ConfigError, match="no POST"):
        await sender.write(POST, {}, allowed=DONE)
    await sender.read(V1_PLACE, "/clusters")

    assert [request.method for request in cloud.requests] == ["GET"]
