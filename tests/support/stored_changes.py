"""Changes in a database of their own, and the few people who decide on them."""

from dataclasses import replace
from datetime import timedelta

from bot.audit.log import AuditLog
from bot.changes.decision_checks import Approver
from bot.changes.record import ChangeRecord, ChangeState, Requester
from bot.changes.rows import many
from bot.changes.run_log import RunLog
from bot.changes.store import ChangeRows
from bot.changes.transitions import change_entry
from bot.demo.virtual_clock import EPOCH
from bot.domain.approval_requirement import ApprovalCondition, ApprovalRequirement, RequirementKind
from bot.domain.attempt import Attempt
from bot.domain.cluster import Api
from bot.domain.plan import Harm, Plan, PlanTarget
from bot.runtime.database.database import SqliteDatabase

VOTERS = ("ann", "ben", "cid", "dot", "eve")
ROLES = {
    "ann": frozenset({"dba", "everyone"}),
    "ben": frozenset({"dba", "owner", "everyone"}),
    "cid": frozenset({"owner", "everyone"}),
    "dot": frozenset({"lead", "everyone"}),
    "eve": frozenset({"everyone"}),
}


def need(*conditions):
    return ApprovalRequirement.of(*conditions)


def approval(**more):
    return ApprovalCondition(kind=RequirementKind.APPROVAL, **more)


NEEDS = (
    need(ApprovalCondition(kind=RequirementKind.NONE)),
    need(ApprovalCondition(kind=RequirementKind.CONFIRM)),
    need(ApprovalCondition(kind=RequirementKind.NAME)),
    need(approval(roles={"dba": 1})),
    need(approval(roles={"dba": 1, "owner": 1}, break_glass=("lead",))),
    need(approval(roles={"dba": 2}, expires=timedelta(hours=6))),
    need(
        approval(roles={"dba": 1}, break_glass=("lead", "dba")),
        approval(roles={"owner": 1}, break_glass=("lead",)),
    ),
    need(approval(roles={"owner": 2}), approval(roles={"dba": 1}, own_vote=True, break_glass_by="another")),
)
OWN = tuple(need(approval(roles={"everyone": 1}, own_vote=may)) for may in (True, False))
"""Plans whose requester may approve, and others, whoever it is."""


class StoredChanges:
    """A change store with a clock of its own, at `now` and `ticks`; `armed` are changes with an attempt."""

    def __init__(self, folder):
        self.now, self.ticks = EPOCH, 0.0
        self.armed = set()
        self.database = SqliteDatabase(folder / "pgbot.db")
        self.log = AuditLog(self.database)
        self.rows = ChangeRows(self.database, self.log)
        self.clock = _Clock(self)
        self.run_log = RunLog(rows=self.rows, clock=self.clock, propose_again=None, wake=lambda: None)

    async def open(self):
        await self.database.open()

    async def close(self):
        await self.database.close()

    def voter(self, name):
        return Approver(
            id=name,
            name=name,
            team="T0",
            actor=f"slack:{name}",
            roles=ROLES[name],
            channel="C0",
            trace="t",
            policy="p1",
            at=self.now,
        )

    async def propose(self, cluster, need, who, harm=Harm.DESTRUCTIVE):
        """Store a new change; return its id."""
        record = self.record(cluster, need, who, harm)
        await self.rows.add(record, plan_entry(record))
        return record.id

    def record(self, cluster, need, who, harm=Harm.DESTRUCTIVE):
        plan = Plan(
            command="cluster delete",
            arguments={"cluster": cluster},
            target=PlanTarget(id=cluster, name=cluster, api=Api.V1, contract="shop", region=""),
            action=f"Delete {cluster}",
            harm=harm,
        )
        self.made = getattr(self, "made", 0) + 1
        return ChangeRecord(
            id=f"c-{self.made}",
            state=ChangeState.APPROVED if need.kind is RequirementKind.NONE else ChangeState.PROPOSED,
            version=1,
            proposed_at=self.now,
            expires_at=self.now + need.expires,
            requester=Requester(id=who, name=who, team="T0", origin="slack", channel="C0", time_zone="UTC"),
            plan=plan,
            digest=plan.digest(),
            need=need,
            policy="p1",
        )

    async def arm(self, change):
        return await self.run_log.arm(await self.run_log.get_change(change), Attempt(armed_at=self.now))

    async def end(self, change, how):
        record = await self.run_log.get_change(change)
        if how == "unknown":
            await self.run_log.mark_unknown(record, "no answer")
        elif how == "stopped":
            await self.run_log.stop(record, "The cluster is gone.")
        else:
            differs = ["it is not"] if how == "differs" else []
            await self.run_log.end(change, how != "failed", "it is AVAILABLE", differs)

    async def all(self):
        return await self.database.read(lambda db: many(db, "1", []))

    async def audit_rows(self):
        return await self.database.read(lambda db: db["audit"].count)


def plan_entry(record):
    """Return the audit entry of a proposal, as the service writes it."""
    entry = change_entry(record, record.proposed_at, "plan", record.state.value, record.reason)
    return replace(entry, trace="t", rule=f"{record.need.rule}: needs {record.need.audit_words()}")


class _Clock:
    doubt = None

    def __init__(self, room):
        self._room = room

    def now(self):
        return self._room.now

    def monotonic(self):
        return self._room.ticks
