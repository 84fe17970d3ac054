"""A drill from its approval to the proof: whatever goes wrong, one cluster at most is made, none stays."""

from dataclasses import replace

import pytest
from change_requests import BOB, ask, now
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner, hurry

from bot.changes.record import ChangeState
from bot.changes.restore_drill import DELETED, DELETING, ENDED, GONE, WATCHED
from bot.demo.cloud.records import Phase

pytestmark = pytest.mark.anyio

CREATION = ("before observing", "observed", "before arming", "armed", "sent", "sending recorded")
DELETION = (WATCHED, DELETING, DELETED, GONE, ENDED)


@pytest.fixture
async def drills(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch, clusters=12) as terminal, hurry(terminal):
        yield WorkflowRunner(terminal)


@pytest.mark.parametrize("name", ["orders-prod", "payments-prod"])
async def test_it_is_made_measured_deleted_and_told(drills, name):
    record = await drills.start(f"drill {name}")
    await drills.run(record)
    after = await now(drills.terminal, record)

    assert (after.state, drills.drill_clusters(record)) == (ChangeState.DONE, [])
    assert after.result.startswith(
        f"Done: backup {record.plan.order['backup_id']} of {name} came up as drill-"
    )
    assert "within" in after.result
    assert after.result.endswith("it is deleted again")
    assert drills.count("/clusters", "POST") == drills.count("/clusters/{clusterId}", "DELETE") == 1


async def test_the_audit_says_both_before_they_are_done(drills):
    record = await drills.start()
    await drills.run(record)
    rows = [row for row in await drills.terminal.audit() if record.id in (row["change"], row["trace"])]
    steps = [row["kind"] for row in rows if row["kind"] in ("intent", "request")]

    assert steps == ["intent", "request", "intent", "request"]
    answers = [row["requests"] for row in rows if row["outcome"] == "accepted" and row["kind"] == "change"]
    assert ['"method":"POST"' in answers[0], '"method":"DELETE"' in answers[1]] == [True, True]


@pytest.mark.parametrize("point", [*CREATION, "seen", *DELETION])
async def test_killed_anywhere_it_leaves_no_cluster_behind(drills, point):
    record = await drills.start()
    assert await drills.run(record, kill_at=point)
    await drills.run(record)
    after = await now(drills.terminal, record)

    assert drills.drill_clusters(record) == []
    assert drills.count("/clusters", "POST") == (0 if point == "armed" else 1)
    assert after.state is (ChangeState.UNKNOWN if point == "armed" else ChangeState.DONE)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"kind": "crash_after_accept", "method": "POST", "times": 1}, ChangeState.DONE),
        ({"kind": "crash_after_accept", "method": "POST", "times": 1, "status": 503}, ChangeState.DONE),
        ({"kind": "cut", "method": "POST", "times": 1}, ChangeState.DONE),
        ({"kind": "status", "method": "POST", "status": 422, "times": 1}, ChangeState.FAILED),
        ({"kind": "status", "method": "DELETE", "status": 503, "times": 9}, ChangeState.DONE),
        ({"kind": "status", "method": "DELETE", "status": 409, "times": 2}, ChangeState.DONE),
        ({"kind": "status", "method": "DELETE", "status": 401, "times": 2}, ChangeState.DONE),
        ({"kind": "crash_after_accept", "method": "DELETE", "times": 1}, ChangeState.DONE),
        ({"kind": "accept_and_ignore", "method": "DELETE", "times": 2}, ChangeState.DONE),
        (
            {"kind": "status", "method": "GET", "path": "/clusters/*", "status": 500, "times": 9},
            ChangeState.DONE,
        ),
    ],
    ids=str,
)
async def test_under_a_fault_it_leaves_no_cluster_behind(drills, fault, state):
    record = await drills.start()
    await drills.terminal.fault(**{"path": "/clusters*", **fault} if fault["method"] == "POST" else fault)
    await drills.run(record)

    assert drills.drill_clusters(record) == []
    assert (await now(drills.terminal, record)).state is state
    assert drills.count("/clusters", "POST") == 1


async def test_a_cluster_that_the_other_api_shows_too_is_found_and_deleted(drills):
    record, cloud = await drills.start("drill payments-prod"), drills.terminal.cloud
    assert await drills.run(record, kill_at="sent")
    cloud.switches = replace(cloud.switches, v2_clusters_in_v1=True)
    await drills.run(record)

    assert (await now(drills.terminal, record)).state is ChangeState.DONE
    assert drills.drill_clusters(record) == []


async def test_one_answer_that_it_is_gone_is_not_believed(drills):
    record = await drills.start()
    await drills.run(record, kill_at=WATCHED)
    await drills.terminal.fault(kind="status", method="GET", path="/clusters/*", status=404, times=1)
    await drills.run(record)

    assert drills.drill_clusters(record) == []
    assert drills.count("/clusters/{clusterId}", "DELETE") == 1


async def test_a_cluster_that_cannot_be_deleted_is_said_to_be_there(drills):
    record = await drills.start()
    await drills.terminal.fault(kind="status", method="DELETE", status=403)
    await drills.run(record)
    after = await now(drills.terminal, record)

    assert after.state is ChangeState.FAILED
    assert "could not be deleted" in after.result
    assert after.result.endswith("do so")


async def test_what_the_engine_says_was_made_is_not_what_is_deleted(drills):
    """The audit log has what was made: whoever writes the engine's file has nothing else deleted."""
    record = await drills.start()
    await drills.run(record, kill_at=WATCHED)
    drills.steps.results["act"] = {**drills.steps.results["act"], "made": record.plan.target.id}
    await drills.run(record)

    assert drills.terminal.cloud.find(record.plan.target.id).phase is not Phase.DESTROYING
    assert (drills.drill_clusters(record), drills.count("/clusters/{clusterId}", "DELETE")) == ([], 1)


async def test_it_keeps_no_other_change_of_the_cluster_waiting(drills):
    drill = await drills.start()
    other = await ask(drills.terminal, "cluster rename orders-prod orders-prod-new", BOB)
    assert (await drills.terminal.run(f"change confirm {other.id} --name orders-prod", BOB)).ok

    assert drill.state is ChangeState.RUNNING
    assert await drills.run_log().claim(await now(drills.terminal, other))
