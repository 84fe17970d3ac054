"""A change whose outcome is unknown is called neither failed nor done: people are asked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, ask, cluster, now
from terminal_site import terminal_site
from workflow_kit import StepResults, WorkflowRunner, hurry

from bot.changes.record import ChangeState
from bot.demo.cloud.faults import FaultOrder
from bot.demo.cloud.records import Phase, ScheduledStep
from bot.domain.errors import StoreError

pytestmark = pytest.mark.anyio
RESTORE_PATH = "/clusters/{clusterId}/restore"


@pytest.fixture
async def runner(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal, hurry(terminal):
        yield WorkflowRunner(terminal)


async def milestones(runner, record):
    found = await runner.terminal.kernel.dispatcher.changes.rows.milestones(record.id)
    return [each.words for each in found]


def stays_busy(runner):
    cluster(runner.terminal, "orders-staging").phase = Phase.CHANGING


async def test_trouble_in_reading_before_the_request_is_no_lost_answer(runner):
    """Nothing has left, and a cluster at work for another reason must not be taken for our doing."""
    record = await runner.start_restore()
    ill = FaultOrder(kind="status", method="GET", path="/clusters/*", status=500, times=1)

    def on_point(name):
        if name == "armed":
            runner.terminal.cloud.faults.add(ill)
            stays_busy(runner)

    await runner.run(record, on_point=on_point)
    after = await now(runner.terminal, record)
    assert runner.count(RESTORE_PATH, "POST") == 0
    assert after.state is ChangeState.FAILED
    assert not any("It was carried out" in words for words in await milestones(runner, record))


async def test_what_is_at_work_when_time_is_up_is_unknown(runner):
    runner.terminal.cloud.durations = replace(runner.terminal.cloud.durations, restore=10 * 3_600)
    record = await runner.start_restore()
    await runner.run(record)

    after = await now(runner.terminal, record)
    assert after.state is ChangeState.UNKNOWN
    assert after.result.startswith("It is unknown how it ended (after 6 hours it was still BUSY).")


async def test_what_cannot_be_followed_is_unknown(runner):
    record = await runner.start_restore()
    await runner.run(record, kill_at="acted")
    await runner.terminal.fault(kind="status", method="GET", path="/clusters/*", status=403, skip=1)
    await runner.run(record)

    after = await now(runner.terminal, record)
    assert after.state is ChangeState.UNKNOWN
    assert "after 6 hours it was never seen, and the last check failed" in after.result
    assert "accepts the credentials, but they lack the permission for this" in after.result


PASSES = {
    "a token that was renewed": {"kind": "status", "status": 401},
    "a permission that was given back": {"kind": "status", "status": 403},
    "too many requests": {"kind": "status", "status": 429},
    "an outage": {"kind": "status", "status": 503},
    "garbage": {"kind": "malformed"},
    "a page of a proxy": {"kind": "html"},
    "a bomb": {"kind": "bomb", "size_mb": 17},
}


@pytest.mark.parametrize("trouble", PASSES)
async def test_trouble_that_passes_while_a_change_is_followed_ends_nothing(runner, trouble):
    """Forty looks are a quarter of an hour, longer than for any effect is looked without trouble."""
    runner.terminal.cloud.durations = replace(runner.terminal.cloud.durations, restore=1_800)
    record = await runner.start_restore()
    await runner.run(record, kill_at="acted")
    await runner.terminal.fault(method="GET", path="/clusters/*", times=40, skip=1, **PASSES[trouble])
    await runner.run(record)

    assert (await now(runner.terminal, record)).state is ChangeState.DONE
    assert any("could not be read: v1" in words for words in await milestones(runner, record))


@pytest.mark.parametrize("trouble", ["a token that was renewed", "an outage"])
async def test_trouble_that_passes_after_a_lost_answer_ends_nothing(runner, trouble):
    record = await runner.start_restore()
    await runner.terminal.fault(kind="crash_after_accept", method="POST", path="/clusters/*/restore", times=1)

    def on_point(name):
        if name == "armed":
            order = FaultOrder(method="GET", path="/clusters/*", times=40, skip=1, **PASSES[trouble])
            runner.terminal.cloud.faults.add(order)

    await runner.run(record, on_point=on_point)

    assert (await now(runner.terminal, record)).state is ChangeState.DONE
    assert runner.count(RESTORE_PATH, "POST") == 1


async def test_one_404_on_the_way_ends_nothing(runner):
    record = await runner.start_restore()
    await runner.run(record, kill_at="acted")
    await runner.terminal.fault(kind="status", method="GET", path="/clusters/*", status=404, times=1, skip=1)
    await runner.run(record)

    assert (await now(runner.terminal, record)).state is ChangeState.DONE


async def test_a_new_cluster_that_shows_late_is_waited_for(runner):
    record = await runner.start("cluster create payments-prod-2 --like payments-prod")
    await runner.run(record, kill_at="acted")
    await runner.terminal.fault(
        kind="status", method="GET", path="/clusters/*", api="v2", status=404, times=4
    )
    await runner.run(record)

    assert (await now(runner.terminal, record)).state is ChangeState.DONE


async def test_a_drill_whose_cluster_shows_late_leaves_none_behind(runner):
    record = await runner.start()
    await runner.run(record, kill_at="sending recorded")
    await runner.terminal.fault(kind="status", method="GET", path="/clusters/*", status=404, times=12)
    await runner.run(record)

    assert runner.drill_clusters(record) == []
    assert runner.count("/clusters/{clusterId}", "DELETE") == 1
    assert runner.count("/clusters", "POST") == 1


async def test_what_a_person_has_said_outlasts_a_full_disk(runner):
    """“It ran” holds until it is followed to its end, whatever a step of that meets."""
    switches = runner.terminal.cloud.switches
    runner.terminal.cloud.switches = replace(switches, restore_trace="none")
    record = await runner.start_restore()
    await runner.run(record)
    assert (await now(runner.terminal, record)).state is ChangeState.UNKNOWN
    assert (await runner.terminal.run(f"change settle {record.id} ran", ALICE)).ok

    def full(name):
        if name == "seen":
            raise StoreError("The disk is full.")

    runner.steps = StepResults()
    with pytest.raises(StoreError):
        await runner.run(record, on_point=full)
    runner.steps = StepResults()
    await runner.run(record)

    after = await now(runner.terminal, record)
    assert (after.state, after.said_ran) == (ChangeState.DONE, "alice")
    assert runner.count(RESTORE_PATH, "POST") == 1


async def test_two_that_make_a_cluster_of_one_name_take_turns(runner):
    """At the same time, each could mistake the other's cluster for its own."""
    line = "cluster create payments-prod-2 --like payments-prod"
    first = await runner.start(line)
    second = await ask(runner.terminal, line, runner.requester)
    confirm = f"change confirm {second.id} --name payments-prod-2"
    assert (await runner.terminal.run(confirm, runner.requester)).ok
    assert not await runner.run_log().claim(await now(runner.terminal, second))

    await runner.run(first)
    assert (await now(runner.terminal, first)).state is ChangeState.DONE
    assert await runner.run_log().claim(await now(runner.terminal, second))


@pytest.mark.parametrize("ran", [False, True], ids=["maintenance", "the restore"])
async def test_a_cluster_at_work_after_a_crash_is_ours_only_if_a_trace_stays(runner, ran):
    record = await runner.start_restore()
    assert await runner.run(record, kill_at="sent" if ran else "armed")
    one = cluster(runner.terminal, "orders-staging")
    if not ran:
        one.phase = Phase.CHANGING
        over = runner.terminal.kernel.clock.now() + timedelta(minutes=20)
        runner.terminal.cloud.schedule(one, ScheduledStep(over, Phase.AVAILABLE))
    await runner.run(record)

    after = await now(runner.terminal, record)
    assert any("the cluster is BUSY" in words for words in await milestones(runner, record))
    assert after.state is (ChangeState.DONE if ran else ChangeState.UNKNOWN)
    assert ran or "shows no trace of the request now" in after.result
    assert runner.count(RESTORE_PATH, "POST") == ran
