"""Waiting for a cluster: patient, on the injected clock, and clear about its last known state."""

from datetime import timedelta

import httpx
import pytest
from api_fakes import (
    StepClock,
    failure,
    fleet,
    page,
    v1_cluster,
    v2_cluster,
)
from api_site import open_site
from api_values import both_apis

from bot.demo.cloud.switches import Switches
from bot.demo.cloud.vendor_migration import move
from bot.domain.cluster import Api
from bot.domain.cluster_spec import ClusterChange
from bot.ionos.wait import GONE, WaitGoal

pytestmark = pytest.mark.anyio


def build_stateful_cloud(*names, api="v1"):
    """Return a cluster that goes through these states, one a read; a number is an error instead."""
    left = list(names)

    def answer(request):
        if request.url.path.endswith("/clusters"):
            is_listed = len(left) > 1 or left[0] != 404
            return page([v1_cluster(1) if api == "v1" else v2_cluster(1)] if is_listed else [])
        now = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(now, int):
            return failure(now)
        raw = v1_cluster(1) if api == "v1" else v2_cluster(1)
        raw["metadata"]["state"] = now
        return httpx.Response(200, json=raw)

    return both_apis(answer, []) if api == "v1" else both_apis([], answer)


async def run_wait(asked, goal=None, clock=None):
    one = fleet(asked, clock, attempts=1)
    return await one.wait_for((await one.clusters()).items[0], goal)


async def test_waiting_ends_when_the_cluster_reaches_its_goal():
    seen, clock = [], StepClock()

    async def see(cluster):
        seen.append(cluster.state)

    waited = await run_wait(build_stateful_cloud("BUSY", "BUSY", "AVAILABLE"), WaitGoal(seen=see), clock)

    assert (waited.reached, waited.words, waited.cluster.state) == (True, "it is AVAILABLE", "AVAILABLE")
    assert seen == ["BUSY", "BUSY", "AVAILABLE"]
    assert clock.slept == [5, 7.5, 11.25]


async def test_waiting_backs_off_to_a_ceiling_and_says_what_it_saw_last():
    clock = StepClock()

    waited = await run_wait(build_stateful_cloud("BUSY"), WaitGoal(limit=timedelta(minutes=5)), clock)

    assert (waited.reached, waited.words) == (False, "after 5 minutes it was still BUSY")
    assert max(clock.slept) == 30
    assert sum(clock.slept) == 300


async def test_a_passing_failed_of_v1_is_waited_out():
    waited = await run_wait(build_stateful_cloud("FAILED", "FAILED", "BUSY", "AVAILABLE"))

    assert waited.reached


async def test_a_lasting_failed_of_v1_ends_the_wait():
    clock = StepClock()

    waited = await run_wait(build_stateful_cloud("BUSY", "FAILED"), None, clock)

    assert (waited.reached, waited.words) == (False, "it is FAILED and stays so")
    assert 600 <= sum(clock.slept) <= 660


async def test_failed_is_final_on_v2():
    waited = await run_wait(build_stateful_cloud("UPDATING", "FAILED", api="v2"))

    assert (waited.reached, waited.cluster.state) == (False, "FAILED")
    assert waited.words == "it is FAILED and stays so (“fine”)"


async def test_trouble_on_the_way_is_waited_out_and_said_at_the_end():
    assert (await run_wait(build_stateful_cloud("BUSY", 503, 500, 429, "AVAILABLE"))).reached

    waited = await run_wait(build_stateful_cloud("BUSY", 503), WaitGoal(limit=timedelta(minutes=1)))

    assert waited.words.startswith("after 1 minute it was still BUSY, and the last check failed: v1")


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_a_refusal_that_lasts_to_the_limit_leaves_the_outcome_unknown(status):
    waited = await run_wait(build_stateful_cloud("BUSY", status))

    assert (waited.reached, waited.is_known) == (False, False)
    assert waited.words.startswith("after 1 hour it was still BUSY, and the last check failed: v1")


def build_changing_cloud(*seen: tuple[str, str | None], api="v1"):
    """Return a cluster that shows these states and last changes, one a read; the first is the list's."""
    left = list(seen)

    def answer(request):
        raw = v1_cluster(1) if api == "v1" else v2_cluster(1)
        state, modified = left.pop(0) if len(left) > 1 else left[0]
        raw["metadata"] |= {"state": state, "lastModifiedDate": modified}
        return page([raw]) if request.url.path.endswith("/clusters") else httpx.Response(200, json=raw)

    return both_apis(answer, []) if api == "v1" else both_apis([], answer)


OLD, NEW = "2026-11-23T08:00:00Z", "2026-11-23T09:00:01Z"


async def wait_for_change(asked, clock=None, **goal):
    one = fleet(asked, clock, attempts=1)
    before = (await one.clusters()).items[0]
    return await one.wait_for(before, WaitGoal(before=before, **goal))


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_an_old_available_is_not_taken_for_the_end_of_a_change(api):
    at_work = "BUSY" if api == "v1" else "UPDATING"
    stale = [("AVAILABLE", OLD)] * 6
    clock = StepClock()

    waited = await wait_for_change(
        build_changing_cloud(*stale, (at_work, OLD), (at_work, OLD), ("AVAILABLE", OLD), api=api), clock
    )

    assert (waited.reached, waited.words) == (True, "it is AVAILABLE")
    assert len(clock.slept) == 8


@pytest.mark.parametrize("before", [None, OLD])
async def test_a_later_last_change_shows_that_available_is_new(before):
    clock = StepClock()

    waited = await wait_for_change(
        build_changing_cloud(("AVAILABLE", before), ("AVAILABLE", before), ("AVAILABLE", NEW)), clock
    )

    assert waited.reached
    assert len(clock.slept) == 2


@pytest.mark.parametrize("now", [None, OLD])
async def test_a_change_without_a_trace_is_not_called_done(now):
    asked = build_changing_cloud(("AVAILABLE", NEW), ("AVAILABLE", now))

    waited = await wait_for_change(asked, limit=timedelta(minutes=5))

    assert (waited.reached, waited.cluster.state) == (False, "AVAILABLE")
    assert waited.words == "after 5 minutes it was still AVAILABLE, without a trace of the change"


async def test_a_cluster_that_was_busy_before_shows_nothing_by_being_busy_still():
    asked = build_changing_cloud(("BUSY", OLD), ("BUSY", OLD), ("AVAILABLE", OLD))

    waited = await wait_for_change(asked, limit=timedelta(minutes=5))

    assert not waited.reached


async def test_without_a_cluster_from_before_the_first_available_will_do():
    clock = StepClock()

    assert (await run_wait(build_changing_cloud(("AVAILABLE", OLD)), None, clock)).reached
    assert clock.slept == [5]


async def test_a_change_on_the_stand_in_is_waited_for_from_before_it():
    site = open_site()
    before = await site.named("orders-prod")
    site.cloud.switches = Switches(v1_patch_delay_seconds=40)

    await site.fleet.change(before, ClusterChange(cores=8))
    waited = await site.fleet.wait_for(before, WaitGoal(before=before))

    assert (waited.reached, waited.cluster.cores) == (True, 8)
    assert site.record("orders-prod").phase == "AVAILABLE"


async def test_a_cluster_that_moved_while_it_was_to_go_is_not_called_gone():
    gone = WaitGoal(states=frozenset({GONE}), limit=timedelta(minutes=5))
    one = fleet(both_apis([v1_cluster(1)]))
    before = (await one.clusters()).items[0]

    waited = await fleet(both_apis([], [v2_cluster(1)])).wait_for(before, gone)

    assert (waited.reached, waited.cluster.api) == (False, Api.V2)
    assert waited.words == "after 5 minutes it was still AVAILABLE"


async def test_a_cluster_that_goes_from_v2_after_its_move_is_gone():
    site = open_site()
    before = await site.named("orders-prod")
    move(site.cloud, site.record("orders-prod"))
    await site.fleet.delete(await site.fleet.cluster(before))

    waited = await site.fleet.wait_for(before, WaitGoal(states=frozenset({GONE})))

    assert (waited.reached, waited.cluster, waited.words) == (True, None, "it is gone")


async def test_a_cluster_gone_from_v1_while_v2_cannot_be_asked_is_gone_with_a_doubt():
    one = fleet(build_moving_cloud())
    before = (await one.clusters()).items[0]

    waited = await one.wait_for(before, WaitGoal(states=frozenset({GONE})))

    assert waited.reached
    assert waited.words.startswith(
        "it is gone from v1. It may have moved to v2, which could not be asked: v2"
    )


def build_moving_cloud():
    """Return a cluster that v1 lists once, and then no more, where v2 refuses the token."""
    listed = [[v1_cluster(1)]]

    def answer(request):
        return (
            page(listed.pop() if listed else []) if request.url.path.endswith("/clusters") else failure(404)
        )

    return both_apis(answer, lambda _request: failure(401))


async def test_an_account_that_sees_nothing_and_never_saw_it_proves_no_absence():
    before = (await fleet(both_apis([v1_cluster(1)])).clusters()).items[0]
    blind = fleet(both_apis([], []))

    waited = await blind.wait_for(before, WaitGoal(states=frozenset({GONE}), limit=timedelta(minutes=30)))

    assert (waited.reached, waited.is_known) == (False, False)
    assert waited.words.endswith("shows no clusters; its token may see less than before")


@pytest.mark.parametrize(
    ("listed", "doubt"), [(True, "a listing shows it"), (503, "not every listing could")]
)
async def test_what_a_listing_shows_or_may_hide_is_not_gone(listed, doubt):
    left = [True, listed]

    def answer(request):
        if not request.url.path.endswith("/clusters"):
            return failure(404)
        now = left.pop(0) if len(left) > 1 else left[0]
        return failure(now) if now is not True else page([v1_cluster(1)])

    waited = await run_wait(
        both_apis(answer, []), WaitGoal(states=frozenset({GONE}), limit=timedelta(minutes=30))
    )

    assert (waited.reached, waited.is_known) == (False, False)
    assert doubt in waited.words


async def test_404_must_last_for_minutes_and_not_only_for_some_looks():
    clock = StepClock()

    waited = await run_wait(
        build_stateful_cloud("DESTROYING", 404), WaitGoal(states=frozenset({GONE})), clock
    )

    assert waited.reached
    assert sum(clock.slept[1:]) >= 120


async def test_a_refusal_that_passes_is_waited_out():
    assert (await run_wait(build_stateful_cloud("BUSY", 401, 403, 401, "AVAILABLE"))).reached


async def test_waiting_for_the_end_is_met_by_404_and_by_nothing_else():
    gone = WaitGoal(states=frozenset({GONE}))

    waited = await run_wait(build_stateful_cloud("DESTROYING", "DESTROYING", 404), gone)
    assert (waited.reached, waited.cluster, waited.words) == (True, None, "it is gone")

    waited = await run_wait(build_stateful_cloud("DESTROYING", 500), gone)
    assert not waited.reached


async def test_a_cluster_that_vanishes_is_not_called_gone():
    waited = await run_wait(build_stateful_cloud("BUSY", 404))

    assert (waited.reached, waited.is_known) == (False, False)
    assert waited.words == "it has not been visible for 30 minutes"


@pytest.mark.parametrize("goal", [WaitGoal(), WaitGoal(states=frozenset({GONE}), limit=timedelta(minutes=5))])
async def test_one_404_could_be_a_fault(goal):
    waited = await run_wait(build_stateful_cloud("BUSY", 404, "AVAILABLE"), goal)

    assert waited.reached == (goal == WaitGoal())
    assert waited.cluster.state == "AVAILABLE"


async def test_a_new_cluster_may_take_a_while_to_show():
    late = build_stateful_cloud(404, 404, 404, 404, "BUSY", "AVAILABLE", api="v2")

    assert (await run_wait(late, WaitGoal())).reached


async def test_that_time_is_up_says_nothing_about_the_end():
    waited = await run_wait(build_stateful_cloud("BUSY"), WaitGoal(limit=timedelta(minutes=5)))

    assert (waited.reached, waited.is_known) == (False, False)
