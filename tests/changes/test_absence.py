"""Absence: without a DELETE of ours, and unless missing everywhere for minutes, nothing counts as deleted."""

import asyncio

import pytest
from change_requests import ALICE, BOB, ask, cluster, now
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal_site import terminal_site
from workflow_kit import StepResults, WorkflowRunner, hurry

from bot.changes.record import OVER, ChangeState
from bot.changes.restore_drill import WATCHED
from bot.demo.cloud.faults import FaultOrder
from bot.demo.cloud.records import Phase

pytestmark = pytest.mark.anyio
CLUSTER = "/clusters/{clusterId}"
DELETION = "cluster delete orders-staging"


@pytest.fixture
async def runner(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal, hurry(terminal):
        yield WorkflowRunner(terminal)


async def missing(runner, times=None, path="/clusters/*", status=404):
    """Let reads of clusters answer 404, or another status, so many times."""
    await runner.terminal.fault(kind="status", method="GET", path=path, status=status, times=times)


async def ended(runner, record):
    """Run the change to its end; return it."""
    await runner.run(record)
    return await now(runner.terminal, record)


def is_there(runner, name):
    found = [each for each in runner.terminal.cloud.everything() if each.name == name]
    return any(each.phase is not Phase.DESTROYING for each in found)


async def test_a_drill_that_is_not_found_for_a_while_is_deleted_and_not_taken_for_it(runner):
    record = await runner.start()
    await runner.run(record, kill_at=WATCHED)
    await missing(runner, times=4)
    after = await ended(runner, record)

    assert (after.state, runner.drill_clusters(record)) == (ChangeState.DONE, [])
    assert runner.count(CLUSTER, "DELETE") == 1


async def test_a_drill_whose_contract_left_the_settings_ends_and_says_so(runner):
    record = await runner.start()
    await runner.run(record, kill_at=WATCHED)
    runner.rename_contract()
    after = await ended(runner, record)

    assert after.state is ChangeState.FAILED
    assert after.result.endswith(
        "could not be deleted (There is no contract shop in the settings); “drill list” has a button to do so"
    )


async def test_a_change_whose_cluster_is_not_found_at_its_turn_waits_while_a_listing_shows_it(runner):
    record = await runner.start("cluster rename orders-staging orders-stage")
    await missing(runner, times=3)

    assert (await ended(runner, record)).state is ChangeState.DONE


async def test_a_resize_whose_cluster_is_not_found_for_a_while_is_followed_on(runner):
    record = await runner.start("cluster rename orders-staging orders-stage")
    await runner.run(record, kill_at="acted")
    await missing(runner, times=8)

    assert (await ended(runner, record)).state is ChangeState.DONE


async def test_a_resize_whose_cluster_is_not_found_any_more_is_unknown_and_not_gone(runner):
    record = await runner.start("cluster rename orders-staging orders-stage")
    await runner.run(record, kill_at="acted")
    await missing(runner)
    after = await ended(runner, record)

    assert after.state is ChangeState.UNKNOWN
    assert "was not found" in after.result
    assert "gone" not in after.result
    assert (await runner.terminal.run(f"change settle {record.id} ran", BOB)).ok


async def deletion(runner):
    """Approve the deletion of a cluster and claim its turn."""
    record = await ask(runner.terminal, DELETION, ALICE)
    runner.requester = ALICE
    assert (await runner.terminal.run(f"change approve {record.id}", BOB)).ok
    return await runner.claim(record)


async def test_a_deletion_that_is_seen_at_work_and_missing_afterwards_is_done(runner):
    record = await deletion(runner)
    after = await ended(runner, record)

    assert (after.state, after.result) == (ChangeState.DONE, "Done: it is gone")
    assert not is_there(runner, "orders-staging")


async def test_a_deletion_that_never_left_is_not_done_because_of_404(runner):
    record = await deletion(runner)
    await runner.run(record, kill_at="armed")
    await missing(runner)
    await missing(runner, path="/clusters", status=500)
    after = await ended(runner, record)

    assert after.state is ChangeState.UNKNOWN
    assert runner.count(CLUSTER, "DELETE") == 0


async def test_a_deletion_that_never_left_is_not_done_where_somebody_else_deleted_it(runner):
    record = await deletion(runner)
    await runner.run(record, kill_at="armed")
    runner.terminal.cloud.discard(cluster(runner.terminal, "orders-staging"))
    after = await ended(runner, record)

    assert after.state is ChangeState.UNKNOWN


async def test_a_deletion_whose_answer_was_lost_is_done_once_it_is_missing_everywhere(runner):
    record = await deletion(runner)
    await runner.terminal.fault(kind="crash_after_accept", method="DELETE", times=1)
    after = await ended(runner, record)

    assert after.state is ChangeState.DONE
    assert not is_there(runner, "orders-staging")


async def test_a_contract_that_left_the_settings_makes_the_outcome_unknown_and_a_person_can_end_it(runner):
    record = await runner.start("cluster rename orders-staging orders-stage")
    await runner.run(record, kill_at="acted")
    runner.rename_contract()
    unknown = await ended(runner, record)
    assert (await runner.terminal.run(f"change settle {record.id} ran", BOB)).ok
    runner.steps = StepResults()
    again = await ended(runner, record)
    assert (await runner.terminal.run(f"change settle {record.id} ran", BOB)).ok
    done = await now(runner.terminal, record)
    kernel = runner.terminal.kernel
    await kernel.dispatcher.changes.rows.require_proven(record.id, kernel.clock.now())

    assert (unknown.state, again.state) == (ChangeState.UNKNOWN, ChangeState.UNKNOWN)
    assert "There is no contract shop in the settings" in again.result
    assert (done.state, done.said_ran) == (ChangeState.DONE, "bob")
    assert "could not be followed" in done.result


# Properties

TROUBLE = st.one_of(
    st.builds(
        FaultOrder,
        kind=st.just("status"),
        method=st.sampled_from(["GET", "DELETE", "*"]),
        path=st.sampled_from(["/clusters/*", "/clusters", "**"]),
        status=st.sampled_from([401, 403, 404, 404, 404, 429, 500, 503]),
        times=st.sampled_from([1, 3, 8]),
        skip=st.integers(0, 3),
    ),
    st.builds(
        FaultOrder,
        kind=st.sampled_from(["malformed", "cut", "html", "crash_after_accept"]),
        method=st.sampled_from(["GET", "DELETE"]),
        times=st.sampled_from([1, 5]),
        skip=st.integers(0, 3),
    ),
)

MISSING = st.builds(
    FaultOrder,
    kind=st.just("status"),
    method=st.just("GET"),
    path=st.just("/clusters/*"),
    status=st.just(404),
    times=st.sampled_from([2, 5, 9]),
    skip=st.integers(0, 1),
)
"""The fault that all of this is about: for a while its address does not find a cluster that is there."""

BEGUN = st.sampled_from(
    [
        *(("drill", point) for point in (WATCHED, WATCHED, "seen", "sending recorded")),
        *(("delete", point) for point in ("armed", "acted", "sending recorded")),
        *(("rename", point) for point in ("acted", "seen")),
    ]
)
"""A change, and how far it has come when trouble begins."""


@settings(max_examples=12)
@given(
    begun=BEGUN,
    faults=st.builds(lambda first, more: [first, *more], MISSING, st.lists(TROUBLE, max_size=2)),
    is_contract_gone=st.sampled_from([False, False, False, True]),
)
def test_whatever_is_answered_a_change_ends_or_can_be_settled_and_what_is_there_is_not_called_deleted(
    tmp_path_factory, begun, faults, is_contract_gone
):
    asyncio.run(live_through(tmp_path_factory.mktemp("site"), *begun, faults, is_contract_gone))


async def live_through(folder, line, point, faults, is_contract_gone):
    with pytest.MonkeyPatch.context() as monkeypatch:
        async with terminal_site(folder, monkeypatch) as terminal, hurry(terminal):
            runner = WorkflowRunner(terminal)
            record = await started(runner, line)
            name = record.plan.throwaway.name if record.plan.throwaway else record.plan.target.name
            await runner.run(record, kill_at=point)
            for each in faults:
                terminal.cloud.faults.add(each)
            if is_contract_gone:
                runner.rename_contract()
            after = await ended(runner, record)

            assert after.state in OVER | {ChangeState.UNKNOWN}
            if after.state is ChangeState.UNKNOWN:
                assert (await terminal.run(f"change settle {record.id} not-run", runner.requester)).ok
            is_said = "deleted again" in after.result or "Done: it is gone" in after.result
            assert not is_said or (runner.count(CLUSTER, "DELETE") and not is_there(runner, name))


async def started(runner, line):
    if line == "delete":
        return await deletion(runner)
    return await runner.start("drill orders-prod" if line == "drill" else "cluster rename orders-staging x-y")
