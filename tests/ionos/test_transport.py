"""The only HTTP to the cloud: retries, waits, limits, headers and records."""

import asyncio
import re
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest
from api_fakes import (
    START,
    TOKEN,
    V1_PLACE,
    V2_PLACE,
    FakeCloud,
    StepClock,
    bearer,
    failure,
    in_turn,
    transport,
)
from pydantic import SecretStr

from bot.domain.errors import (
    CloudTrouble,
    OutcomeUnknown,
    RateLimited,
    Unauthorized,
    Unreachable,
    UnreadableAnswer,
)
from bot.ionos.credentials import ContractAccess
from bot.ionos.http_errors import HttpCall
from bot.ionos.transport import RetryLimits, Transport, TransportOptions
from bot.runtime.request_context import collect_requests

pytestmark = pytest.mark.anyio

FINE = httpx.Response(200, json={"ok": True})
POST = HttpCall(place=V1_PLACE, method="POST", path="/clusters", secrets=("hunter2-Secret",))
DONE = frozenset({200})


async def test_a_read_sends_token_agent_and_the_contract_number_to_v1_only():
    cloud = in_turn(FINE)
    sender = transport(cloud, access=bearer(number="31415"))

    await sender.read(V1_PLACE, "/clusters", {"limit": "1000"})
    await sender.read(V2_PLACE, "/clusters")

    first, second = cloud.requests
    assert str(first.url) == "http://127.0.0.1:9/databases/postgresql/clusters?limit=1000"
    assert first.headers["authorization"] == f"Bearer {TOKEN}"
    assert re.fullmatch(r"ionos-pg-chatops/\d[\w.]*", first.headers["user-agent"])
    assert first.headers["x-contract-number"] == "31415"
    assert "x-contract-number" not in second.headers


async def test_a_cookie_is_never_sent_back():
    cloud = in_turn(httpx.Response(200, json={}, headers={"set-cookie": "route=node-7; Path=/"}), FINE)
    sender = transport(cloud)

    await sender.read(V1_PLACE, "/clusters")
    await sender.read(V1_PLACE, "/clusters")

    assert "cookie" not in cloud.requests[1].headers


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_passing_trouble_is_read_again(status):
    cloud, clock = in_turn(failure(status), failure(status), FINE), StepClock()

    answer = await transport(cloud, clock).read(V1_PLACE, "/clusters")

    assert answer.status == 200
    assert len(cloud.requests) == 3
    assert len(clock.slept) == 2


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("x"),
        httpx.ReadError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.ConnectTimeout("x"),
    ],
)
async def test_a_broken_connection_is_tried_again_for_a_read(error):
    cloud = in_turn(error, FINE)

    assert (await transport(cloud).read(V1_PLACE, "/clusters")).status == 200


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500, 501])
async def test_what_would_not_help_is_not_tried_again(status):
    cloud = in_turn(failure(status))

    with pytest.raises(Exception, match="v1"):
        await transport(cloud).read(V1_PLACE, "/clusters")

    assert len(cloud.requests) == 1


async def test_a_slow_answer_is_not_asked_for_again():
    cloud = in_turn(httpx.ReadTimeout("x"))

    with pytest.raises(Unreachable, match="in time"):
        await transport(cloud).read(V1_PLACE, "/clusters")

    assert len(cloud.requests) == 1


async def test_retries_end_after_the_allowed_attempts():
    cloud = in_turn(failure(503))

    with pytest.raises(CloudTrouble, match="503"):
        await transport(cloud).read(V1_PLACE, "/clusters")

    assert len(cloud.requests) == RetryLimits().attempts


async def test_the_wait_grows_under_a_ceiling_and_is_never_more():
    clock = StepClock()
    with pytest.raises(CloudTrouble):
        await transport(in_turn(failure(502)), clock, attempts=8, total=1000).read(V1_PLACE, "/clusters")

    ceilings = [0.5, 1, 2, 4, 8, 8, 8]
    assert len(clock.slept) == len(ceilings)
    assert all(0 <= slept <= ceiling for slept, ceiling in zip(clock.slept, ceilings, strict=True))


@pytest.mark.parametrize("wait", ["3", format_datetime(START + timedelta(seconds=3), usegmt=True)])
async def test_retry_after_is_honoured_in_both_forms(wait):
    clock = StepClock()
    cloud = in_turn(failure(429, headers={"retry-after": wait}), FINE)

    await transport(cloud, clock).read(V1_PLACE, "/clusters")

    assert 3 <= clock.slept[0] <= 3.5


async def test_a_retry_after_beyond_the_budget_ends_at_once_and_is_told():
    clock = StepClock()
    cloud = in_turn(failure(429, headers={"retry-after": "120"}))

    with pytest.raises(RateLimited, match="in 120 seconds"):
        await transport(cloud, clock).read(V1_PLACE, "/clusters")

    assert len(cloud.requests) == 1
    assert clock.slept == []


DAY = 86_400


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (str(DAY), DAY),
        (str(DAY + 1), DAY),
        ("9" * 400, DAY),
        ("0", 0),
        (format_datetime(START + timedelta(days=3650), usegmt=True), DAY),
        (format_datetime(START - timedelta(days=1), usegmt=True), 0),
        (format_datetime((START + timedelta(hours=1)).replace(tzinfo=None)), 3600),
    ],
)
async def test_retry_after_is_between_now_and_a_day(wait, seconds):
    cloud = in_turn(failure(429, headers={"retry-after": wait}))

    with pytest.raises(RateLimited, match=f"in {seconds} seconds"):
        await transport(cloud, attempts=1).read(V1_PLACE, "/clusters")


@pytest.mark.parametrize("wait", ["soon", "-5", "nan", "1e9", "Thu, 99 Foo 2026 00:00:00 GMT", ""])
async def test_a_retry_after_that_makes_no_sense_is_ignored(wait):
    cloud = in_turn(failure(429, headers={"retry-after": wait}), FINE)

    assert (await transport(cloud).read(V1_PLACE, "/clusters")).status == 200


async def test_a_redirect_is_not_followed():
    cloud = in_turn(httpx.Response(302, headers={"location": "https://evil.example/"}))

    with pytest.raises(UnreadableAnswer, match="redirects are not followed"):
        await transport(cloud).read(V1_PLACE, "/clusters")

    assert [request.url.host for request in cloud.requests] == ["127.0.0.1"]


async def test_an_answer_that_is_too_large_is_not_read_to_its_end():
    read = []

    async def endless():
        while True:
            read.append(1)
            yield b"x" * 1000

    cloud = FakeCloud(lambda _request: httpx.Response(200, content=endless()))

    with pytest.raises(UnreadableAnswer, match="too large"):
        await transport(cloud, largest_answer=10_000).read(V1_PLACE, "/clusters")

    assert len(read) == 11


class Hanging(httpx.AsyncBaseTransport):
    """A server that accepts the request and never answers."""

    async def handle_async_request(self, request):
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_host_that_hangs_costs_no_more_than_the_timeout():
    sender = Transport(
        bearer(), StepClock(), TransportOptions(http=Hanging, retries=RetryLimits(total=0.05, write=0.05))
    )

    with pytest.raises(Unreachable, match="in time"):
        await sender.read(V1_PLACE, "/clusters")
    with pytest.raises(OutcomeUnknown, match="in time"):
        await sender.write(POST, {}, allowed=DONE)


async def test_no_more_than_the_allowed_requests_are_in_flight_to_one_host():
    flying = 0
    most = 0

    async def answer(_request):
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0)
        flying -= 1
        return httpx.Response(200)

    sender = transport(answer, per_host=3)
    await asyncio.gather(*(sender.read(V1_PLACE, "/clusters") for _ in range(20)))

    assert most == 3


async def test_every_attempt_is_recorded_with_number_status_and_request_id():
    requests = collect_requests()
    cloud = in_turn(
        httpx.ConnectError("x"), httpx.Response(503), httpx.Response(200, headers={"x-request-id": "r-1"})
    )

    await transport(cloud).read(V1_PLACE, "/clusters", {"limit": "1"})

    assert [(each.status, each.attempt, each.request_id) for each in requests] == [
        (None, 1, None),
        (503, 2, None),
        (200, 3, "r-1"),
    ]
    assert {each.url for each in requests} == {"http://127.0.0.1:9/databases/postgresql/clusters?limit=1"}


async def test_secrets_reach_no_error_and_no_record_even_if_the_api_repeats_them():
    requests = collect_requests()
    access = ContractAccess(name="main", username=SecretStr("me"), password=SecretStr("canary-password"))
    cloud = in_turn(failure(422, f"hunter2-Secret is too short, canary-password too, {TOKEN}"))
    sender = Transport(access, StepClock(), TransportOptions(http=lambda: httpx.MockTransport(cloud)))

    with pytest.raises(Exception, match="rejects") as caught:
        await sender.write(POST, {"password": "hunter2-Secret"}, allowed=DONE)

    everything = repr((caught.value, caught.value.fault, requests, sender, access))
    assert "hunter2-Secret" not in everything
    assert "canary-password" not in everything
    assert caught.value.fault.messages == (f"[hidden] is too short, [hidden] too, {TOKEN}",)
    assert caught.value.fault.codes == ("dbaas-err-1",)


async def test_a_wrong_token_is_said_with_the_place():
    with pytest.raises(Unauthorized, match=r"v2 de/txl \(contract main\) does not accept") as caught:
        await transport(in_turn(failure(401, "raw words"))).read(V2_PLACE, "/clusters")

    assert "raw words" not in str(caught.value)
    assert caught.value.fault.where == "v2 de/txl (contract main)"
