"""Cost of replaying a change from its audit rows before its request leaves, in a log of any length."""

import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.changes import proof, transitions
from bot.changes.decision_checks import Approver
from bot.changes.record import ChangeRecord, ChangeState, Requester
from bot.changes.run_log import RunLog
from bot.changes.store import ChangeRows
from bot.changes.transitions import change_entry
from bot.domain.approval_requirement import ApprovalCondition, ApprovalRequirement, RequirementKind
from bot.domain.cluster import Api
from bot.domain.plan import Harm, Plan, PlanTarget
from bot.runtime.clock import SystemClock
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction
from tests.bench.figures import Figure, percentile

CHANGES = 50
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NEED = ApprovalRequirement(
    conditions=(ApprovalCondition(kind=RequirementKind.APPROVAL, roles={"dba": 2}, rule="approval rule 1"),)
)


async def measure(path: Path, rows: int) -> list[Figure]:
    """Measure on this file with so many audit rows: the verification at the start, then the replays."""
    database = SqliteDatabase(path)
    await database.open()
    audit = AuditLog(database)
    store = ChangeRows(database, audit)
    run_log = RunLog(rows=store, clock=SystemClock(), propose_again=_never, wake=lambda: None)
    started = time.perf_counter()
    await audit.catch_up()
    verified = time.perf_counter() - started
    seconds = [await _replayed(number, database, store, run_log) for number in range(CHANGES)]
    await database.close()
    assert not audit.verified.doubt
    median, late = statistics.median(seconds) * 1000, percentile(seconds, 0.99) * 1000
    return [
        Figure(f"verification of {rows:,} rows after a start, in the background", f"{verified:.1f} s"),
        Figure(
            f"replay of a change before its request leaves, {rows:,} rows",
            f"median {median:.2f} ms, p99 {late:.2f} ms of {CHANGES}",
            "< 10 ms",
        ),
    ]


def plan_entry(record: ChangeRecord) -> AuditEntry:
    """Return the audit entry of a proposal, as the service writes it."""
    entry = change_entry(record, record.proposed_at, "plan", record.state.value, record.reason)
    return replace(entry, rule=f"{record.need.rule}: needs {record.need.audit_words()}")


async def _replayed(number: int, database: SqliteDatabase, store: ChangeRows, run_log: RunLog) -> float:
    """Propose, approve and start a change; return the seconds that its replay takes."""
    record = _record(number)
    await store.add(record, plan_entry(record))
    for voter in ("ann", "ben"):
        await store.step(record.id, lambda now, voter=voter: transitions.approve(now, _approver(voter)))
    assert await run_log.claim(await run_log.get_change(record.id))

    def replay(db: Transaction) -> float:
        started = time.perf_counter()
        assert proof.find_disproof(store.log, record.id, db) == ""
        return time.perf_counter() - started

    return await database.write(replay)


async def _never(_record: ChangeRecord, _plan: Plan) -> ChangeRecord:
    raise AssertionError


def _record(number: int) -> ChangeRecord:
    cluster = f"{number:08x}-0000-4000-8000-{number:012x}"
    plan = Plan(
        command="cluster delete",
        arguments={"cluster": cluster},
        target=PlanTarget(id=cluster, name=f"bench-{number}", api=Api.V1, contract="shop", region=""),
        action=f"Delete bench-{number}",
        harm=Harm.DESTRUCTIVE,
    )
    return ChangeRecord(
        id=f"c-bench{number}",
        state=ChangeState.PROPOSED,
        version=1,
        proposed_at=AT,
        expires_at=AT.replace(year=2036),
        requester=Requester(id="eve", name="eve", team="T0", origin="slack", channel="C0", time_zone="UTC"),
        plan=plan,
        digest=plan.digest(),
        need=NEED,
        policy="p1",
    )


def _approver(name: str) -> Approver:
    return Approver(
        id=name,
        name=name,
        team="T0",
        actor=f"slack:{name}",
        roles=frozenset({"dba", "everyone"}),
        channel="C0",
        trace=f"vote-{name}",
        policy="p1",
        at=AT,
    )
