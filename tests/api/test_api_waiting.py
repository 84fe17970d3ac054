"""Waiting for a cluster: patient, on the injected clock, and plain about what was last seen."""

from datetime import timedelta

import httpx
import pytest
from api_fakes import (
    FakeCloud,
    StepClock,
    failure,
    fleet,
    page,
    v1_cluster,
    v2_cluster,
)

from bot.api.waiting import GONE, Wish
from bot.errors import Unauthorized

pytestmark = pytest.mark.anyio


def is_v1(request: httpx.Request) -> bool:
    return request.url.path.startswith("/databases/postgresql")


def cloud(v1=None, v2=None, region: str = "de-txl") -> FakeCloud:
    """Lists and single reads of these clusters; a callable answers in their place."""

    def answer(request):
        source = v1 if is_v1(request) else v2 if request.url.path.startswith(f"/{region}/") else []
        if callable(source):
            return source(request)
        if request.url.path.endswith("/clusters"):
            return page(source or [])
        wanted = [each for each in source or [] if request.url.path.endswith(f"/clusters/{each['id']}")]
        return httpx.Response(200, json=wanted[0]) if wanted else failure(404)

    return FakeCloud(answer)


def states(*names, api="v1"):
    """A cluster that goes through these states, one a look; a number is an error instead."""
    left = list(names)

    def answer(request):
        if request.url.path.endswith("/clusters"):
            return page([v1_cluster(1) if api == "v1" else v2_cluster(1)])
        now = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(now, int):
            return failure(now)
        raw = v1_cluster(1) if api == "v1" else v2_cluster(1)
        raw["metadata"]["state"] = now
        return httpx.Response(200, json=raw)

    return cloud(answer, []) if api == "v1" else cloud([], answer)


async def wait(asked, wish=None, clock=None):
    one = fleet(asked, clock, attempts=1)
    return await one.wait_for((await one.clusters()).items[0], wish)


async def test_waiting_ends_when_the_cluster_is_as_wanted():
    seen, clock = [], StepClock()

    async def see(cluster):
        seen.append(cluster.state)

    waited = await wait(states("BUSY", "BUSY", "AVAILABLE"), Wish(seen=see), clock)

    assert (waited.reached, waited.words, waited.cluster.state) == (True, "it is AVAILABLE", "AVAILABLE")
    assert seen == ["BUSY", "BUSY", "AVAILABLE"]
    assert clock.slept == [5, 7.5, 11.25]


async def test_waiting_backs_off_to_a_ceiling_and_says_what_it_saw_last():
    clock = StepClock()

    waited = await wait(states("BUSY"), Wish(limit=timedelta(minutes=5)), clock)

    assert (waited.reached, waited.words) == (False, "after 0:05:00 it was still BUSY")
    assert max(clock.slept) == 30
    assert sum(clock.slept) == 300


async def test_a_passing_failed_of_v1_is_waited_out():
    waited = await wait(states("FAILED", "FAILED", "BUSY", "AVAILABLE"))

    assert waited.reached


async def test_a_lasting_failed_of_v1_ends_the_wait():
    clock = StepClock()

    waited = await wait(states("BUSY", "FAILED"), None, clock)

    assert (waited.reached, waited.words) == (False, "it is FAILED and stays so")
    assert 600 <= sum(clock.slept) <= 660


async def test_failed_is_final_on_v2():
    waited = await wait(states("UPDATING", "FAILED", api="v2"))

    assert (waited.reached, waited.cluster.state) == (False, "FAILED")


async def test_trouble_on_the_way_is_waited_out_and_said_at_the_end():
    assert (await wait(states("BUSY", 503, 500, 429, "AVAILABLE"))).reached

    waited = await wait(states("BUSY", 503), Wish(limit=timedelta(minutes=1)))

    assert waited.words.startswith("after 0:01:00 it was still BUSY, and the last look failed: v1")


async def test_a_refusal_on_the_way_is_raised():
    with pytest.raises(Unauthorized):
        await wait(states("BUSY", 401))


async def test_waiting_for_the_end_is_met_by_404_and_by_nothing_else():
    gone = Wish(states=frozenset({GONE}))

    waited = await wait(states("DESTROYING", "DESTROYING", 404), gone)
    assert (waited.reached, waited.cluster, waited.words) == (True, None, "it is gone")

    waited = await wait(states("DESTROYING", 500), gone)
    assert not waited.reached


async def test_a_cluster_that_vanishes_was_not_reached():
    waited = await wait(states("BUSY", 404))

    assert (waited.reached, waited.words) == (False, "it is gone")
