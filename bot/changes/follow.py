"""Following a sent change to its end, and finding its effect when the answer was lost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from bot.changes.execution_context import ExecutionContext
from bot.changes.operation import ChangeOperation
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.replan import RETRY_SECONDS
from bot.changes.run_log import RunLog
from bot.domain.attempt import Attempt, OutcomeEvidence
from bot.domain.cluster import Cluster
from bot.domain.cluster_properties import as_observed, describe_differences
from bot.domain.errors import CloudError
from bot.domain.plan import Plan
from bot.ionos.wait import WaitGoal, WaitResult
from bot.runtime.clock import Clock
from bot.runtime.workflows.port import Json

log = structlog.get_logger()

EVIDENCE_SECONDS = 180.0
"""Seconds to look for an effect after a lost answer: longer than a request may take, and than a restore was
ever seen to need until it shows (assumed: the notes leave it open)."""

THROWAWAY_SECONDS = 86_400.0
"""Seconds to look for a throwaway cluster, which must not stay behind."""

MAX_PAUSE = 900.0
"""Seconds between two such looks in the end."""

IF_IT_HAPPENED, HOW_IT_ENDED = "whether it happened", "how it ended"
"""The parts of an outcome that can be unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFollower:
    """Only looks, so that all of it may be repeated. `change` is None in a release without the command."""

    run_log: RunLog
    context: ExecutionContext
    clock: Clock
    operation: Callable[[ChangeRecord], ChangeOperation | None]
    at_point: Callable[[str], None]

    async def find_evidence(
        self, record: ChangeRecord, attempt: Attempt, *, lasting: bool = False
    ) -> OutcomeEvidence | None:
        """Return what shows that the request was carried out, or None if nothing does within the time limit.

        With `lasting`, only evidence that a cluster still shows once it is no longer at work counts.
        """
        change, pause = self.operation(record), RETRY_SECONDS
        deadline = self.clock.monotonic() + (THROWAWAY_SECONDS if record.plan.throwaway else EVIDENCE_SECONDS)
        while True:
            try:
                found = await change.probe(record.plan, self.context, attempt) if change else None
            except CloudError as error:
                log.info("could not look", change=record.id, error=error.sentence)
                found = None
            if found is not None and lasting and not found.lasts:
                found = None
            if found is not None or self.clock.monotonic() >= deadline:
                return found
            await self.clock.sleep(pause)
            pause = min(pause * 1.2, MAX_PAUSE) if record.plan.throwaway else pause

    async def follow_change(self, change_id: str, sent: Mapping[str, Any]) -> dict[str, Json]:
        """Follow the cluster. Returns whether it reached its final state, the last words about it, and what
        differs."""
        record = await self.run_log.get_change(change_id)
        if record.state is not ChangeState.RUNNING:
            return {"reached": True, "over": True}
        plan, made = record.plan, str(sent["made"])
        if not sent.get("shown") and not await self._shows_change(record):
            return {"unknown": "the cloud has accepted it, and the cluster shows no trace of it"}
        target = plan.subject.model_copy(update={"id": made}) if made else plan.subject
        if not target.id:
            words = "nobody knows the id of what it made"
            return {"unknown": words, "what": HOW_IT_ENDED, "reached": False, "words": words}

        async def seen(cluster: Cluster) -> None:
            self.at_point("seen")
            await self.run_log.record_cluster_state(change_id, cluster.state)

        waited = await self._wait(target.as_cluster(), plan, seen)
        if not waited.reached and not waited.is_known:
            return {"unknown": waited.words, "what": HOW_IT_ENDED, "reached": False, "words": waited.words}
        if waited.reached and sent.get("passes") and not await self._has_left_a_trace(record):
            why = "it was seen at work, as in maintenance, and shows no trace of the request now"
            return {"unknown": why, "reached": False, "words": why}
        return {"reached": waited.reached, "words": waited.words, **self._read_back(plan, waited)}

    async def _has_left_a_trace(self, record: ChangeRecord) -> bool:
        """Return whether a cluster that was only seen at work shows that this was our change, where one can
        show it."""
        attempt = await self.run_log.rows.attempt(record.id)
        if not record.plan.ending.leaves_trace or attempt is None:
            return True
        return await self.find_evidence(record, attempt, lasting=True) is not None

    async def _shows_change(self, record: ChangeRecord) -> bool:
        """Return whether the cluster shows the change by now, where one can show it."""
        attempt = await self.run_log.rows.attempt(record.id)
        if not record.plan.ending.leaves_trace or attempt is None:
            return True
        return await self.find_evidence(record, attempt) is not None

    async def _wait(
        self, cluster: Cluster, plan: Plan, seen: Callable[[Cluster], Awaitable[None]]
    ) -> WaitResult:
        """Follow to the end. Right after a request the cluster can still read as before, so at first it must
        show a trace of the change; without one, the read-back decides."""
        limit = timedelta(seconds=plan.ending.limit)
        is_new = cluster.id != plan.subject.id
        goal = WaitGoal(states=frozenset(plan.ending.states), limit=limit, is_new=is_new, seen=seen)
        traced = replace(
            goal, before=as_observed(plan), limit=min(limit, timedelta(seconds=EVIDENCE_SECONDS))
        )
        try:
            if plan.ending.expected and cluster.id == plan.target.id:
                waited = await self.context.fleet.wait_for(cluster, traced)
                if waited.is_known:
                    return waited
            return await self.context.fleet.wait_for(cluster, goal)
        except CloudError as error:
            words = f"it could not be followed: {error.sentence}"
            return WaitResult(reached=False, cluster=None, words=words, is_known=False)

    def _read_back(self, plan: Plan, waited: WaitResult) -> dict[str, Json]:
        """Return in words what was to change and did not."""
        if waited.cluster is None or not waited.reached:
            return {"differs": []}
        return {"differs": [*describe_differences(plan.ending.expected, waited.cluster)]}
