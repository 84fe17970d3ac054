"""A change whose outcome is unknown is called neither failed nor done: people are asked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from carrying_out import Remembered, Works, hurry
from decisions import ALICE, ask, cluster, now
from terminal_site import terminal_site

from bot.changes.record import ChangeState
from bot.demo.cloud.faults import FaultOrder
from bot.demo.cloud.records import Phase, ScheduledStep
from bot.domain.errors import StoreError

pytestmark = pytest.mark.anyio
RESTORE_PATH = "/clusters/{clusterId}/restore"


@pytest.fixture
async def works(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal, hurry(terminal):
        yield Works(terminal)


async def story(works, record):
    found = await works.terminal.kernel.dispatcher.changes.rows.milestones(record.id)
    return [each.words for each in found]


def stays_busy(works):
    cluster(works.terminal, "orders-staging").phase = Phase.CHANGING


async def test_trouble_in_reading_before_the_request_is_no_lost_answer(works):
    """Nothing has left, and a cluster at work for another reason must not be taken for our doing."""
    record = await works.restore()
    ill = FaultOrder(kind="status", method="GET", path="/clusters/*", status=500, times=1)

    def passing(name):
        if name == "armed":
            works.terminal.cloud.faults.add(ill)
            stays_busy(works)

    await works.run(record, passing=passing)
    after = await now(works.terminal, record)
    assert works.count(RESTORE_PATH, "POST") == 0
    assert after.state is ChangeState.FAILED
    assert not any("It was carried out" in words for words in await story(works, record))


async def test_what_is_at_work_when_time_is_up_is_unknown(works):
    works.terminal.cloud.durations = replace(works.terminal.cloud.durations, restore=10 * 3_600)
    record = await works.restore()
    await works.run(record)

    after = await now(works.terminal, record)
    assert after.state is ChangeState.UNKNOWN
    assert after.result.startswith("Nobody can tell how it ended (after 6 hours it was still BUSY).")


async def test_what_cannot_be_followed_is_unknown(works):
    record = await works.restore()
    await works.run(record, die_at="acted")
    await works.terminal.fault(kind="status", method="GET", path="/clusters/*", status=403, skip=1)
    await works.run(record)

    after = await now(works.terminal, record)
    assert after.state is ChangeState.UNKNOWN
    assert "it could not be followed" in after.result


async def test_one_404_on_the_way_ends_nothing(works):
    record = await works.restore()
    await works.run(record, die_at="acted")
    await works.terminal.fault(kind="status", method="GET", path="/clusters/*", status=404, times=1, skip=1)
    await works.run(record)

    assert (await now(works.terminal, record)).state is ChangeState.DONE


async def test_a_new_cluster_that_shows_late_is_waited_for(works):
    record = await works.approved("cluster create payments-prod-2 --like payments-prod")
    await works.run(record, die_at="acted")
    await works.terminal.fault(kind="status", method="GET", path="/clusters/*", api="v2", status=404, times=4)
    await works.run(record)

    assert (await now(works.terminal, record)).state is ChangeState.DONE


async def test_a_drill_whose_cluster_shows_late_leaves_none_behind(works):
    record = await works.approved()
    await works.run(record, die_at="sending recorded")
    await works.terminal.fault(kind="status", method="GET", path="/clusters/*", status=404, times=12)
    await works.run(record)

    assert works.made(record) == []
    assert works.count("/clusters/{clusterId}", "DELETE") == 1
    assert works.count("/clusters", "POST") == 1


async def test_what_a_person_has_said_outlasts_a_full_disk(works):
    """“It ran” holds until it is followed to its end, whatever a step of that meets."""
    switches = works.terminal.cloud.switches
    works.terminal.cloud.switches = replace(switches, restore_trace="none")
    record = await works.restore()
    await works.run(record)
    assert (await now(works.terminal, record)).state is ChangeState.UNKNOWN
    assert (await works.terminal.run(f"change settle {record.id} ran", ALICE)).ok

    def full(name):
        if name == "seen":
            raise StoreError("The disk is full.")

    works.steps = Remembered()
    with pytest.raises(StoreError):
        await works.run(record, passing=full)
    works.steps = Remembered()
    await works.run(record)

    after = await now(works.terminal, record)
    assert (after.state, after.said_ran) == (ChangeState.DONE, "alice")
    assert works.count(RESTORE_PATH, "POST") == 1


async def test_two_that_make_a_cluster_of_one_name_take_turns(works):
    """At the same time, each could mistake the other's cluster for its own."""
    line = "cluster create payments-prod-2 --like payments-prod"
    first = await works.approved(line)
    second = await ask(works.terminal, line, works.asker)
    confirm = f"change confirm {second.id} --name payments-prod-2"
    assert (await works.terminal.run(confirm, works.asker)).ok
    assert not await works.story().claim(await now(works.terminal, second))

    await works.run(first)
    assert (await now(works.terminal, first)).state is ChangeState.DONE
    assert await works.story().claim(await now(works.terminal, second))


@pytest.mark.parametrize("ran", [False, True], ids=["maintenance", "the restore"])
async def test_a_cluster_at_work_after_a_crash_is_ours_only_if_a_trace_stays(works, ran):
    record = await works.restore()
    assert await works.run(record, die_at="sent" if ran else "armed")
    one = cluster(works.terminal, "orders-staging")
    if not ran:
        one.phase = Phase.CHANGING
        over = works.terminal.kernel.clock.now() + timedelta(minutes=20)
        works.terminal.cloud.schedule(one, ScheduledStep(over, Phase.AVAILABLE))
    await works.run(record)

    after = await now(works.terminal, record)
    assert any("the cluster is BUSY" in words for words in await story(works, record))
    assert after.state is (ChangeState.DONE if ran else ChangeState.UNKNOWN)
    assert ran or "shows no trace of the request now" in after.result
    assert works.count(RESTORE_PATH, "POST") == ran
