"""Following a change that has been sent to its end, and looking for what it did where its answer was lost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from bot.changes.execution_context import ExecutionContext
from bot.changes.operation import ChangeOperation
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.replan import BETWEEN_LOOKS
from bot.changes.run_log import RunLog
from bot.domain.attempt import Attempt, OutcomeEvidence
from bot.domain.cluster import Cluster
from bot.domain.cluster_properties import as_observed, differences
from bot.domain.errors import CloudError
from bot.domain.plan import Plan
from bot.ionos.wait import WaitGoal, WaitResult
from bot.runtime.clock import Clock
from bot.runtime.workflows.port import Json

log = structlog.get_logger()

GRACE = 180.0
"""Seconds for which the cloud is looked at after a lost answer: longer than a request may take, and than a
restore was ever seen to need until it shows (assumed: the notes leave it open)."""

PATIENCE = 86_400.0
"""Seconds for which a cluster is looked for that must not stay behind."""

SELDOM = 900.0
"""Seconds between two such looks in the end."""

WHETHER, HOW_IT_ENDED = "whether it happened", "how it ended"
"""What nobody can tell of a change that is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFollower:
    """Only looks, so that all of it may be repeated. `change` is None in a release without the command."""

    story: RunLog
    acting: ExecutionContext
    clock: Clock
    change: Callable[[ChangeRecord], ChangeOperation | None]
    at_point: Callable[[str], None]

    async def evidence(
        self, record: ChangeRecord, attempt: Attempt, *, lasting: bool = False
    ) -> OutcomeEvidence | None:
        """What shows that the request was carried out; None when nothing has for long enough.

        With `lasting`, only what a cluster still shows when it is no longer at work.
        """
        change, pause = self.change(record), BETWEEN_LOOKS
        deadline = self.clock.monotonic() + (PATIENCE if record.plan.throwaway else GRACE)
        while True:
            try:
                found = await change.look(record.plan, self.acting, attempt) if change else None
            except CloudError as error:
                log.info("could not look", change=record.id, error=error.sentence)
                found = None
            if found is not None and lasting and not found.lasts:
                found = None
            if found is not None or self.clock.monotonic() >= deadline:
                return found
            await self.clock.sleep(pause)
            pause = min(pause * 1.2, SELDOM) if record.plan.throwaway else pause

    async def watch(self, change_id: str, sent: Mapping[str, Any]) -> dict[str, Json]:
        """Whether the cluster has come to its end, the last of it in words, and what differs."""
        record = await self.story.get(change_id)
        if record.state is not ChangeState.RUNNING:
            return {"reached": True, "over": True}
        plan, made = record.plan, str(sent["made"])
        if not sent.get("shown") and not await self._shows(record):
            return {"unknown": "the cloud has accepted it, and the cluster shows no trace of it"}
        target = plan.subject.model_copy(update={"id": made}) if made else plan.subject
        if not target.id:
            words = "nobody knows the id of what it made"
            return {"unknown": words, "what": HOW_IT_ENDED, "reached": False, "words": words}

        async def seen(cluster: Cluster) -> None:
            self.at_point("seen")
            await self.story.seen(change_id, cluster.state)

        waited = await self._waited(target.as_cluster(), plan, seen)
        if not waited.reached and not waited.is_known:
            return {"unknown": waited.words, "what": HOW_IT_ENDED, "reached": False, "words": waited.words}
        if waited.reached and sent.get("passes") and not await self._has_left_a_trace(record):
            why = "it was seen at work, as in maintenance, and shows no trace of the request now"
            return {"unknown": why, "reached": False, "words": why}
        return {"reached": waited.reached, "words": waited.words, **self._read_back(plan, waited)}

    async def _has_left_a_trace(self, record: ChangeRecord) -> bool:
        """Whether a cluster that was only seen at work shows that this was for us, where one shows."""
        attempt = await self.story.rows.attempt(record.id)
        if not record.plan.ending.leaves_trace or attempt is None:
            return True
        return await self.evidence(record, attempt, lasting=True) is not None

    async def _shows(self, record: ChangeRecord) -> bool:
        """Whether the cluster shows the change by now, where it is one that shows."""
        attempt = await self.story.rows.attempt(record.id)
        if not record.plan.ending.leaves_trace or attempt is None:
            return True
        return await self.evidence(record, attempt) is not None

    async def _waited(
        self, cluster: Cluster, plan: Plan, seen: Callable[[Cluster], Awaitable[None]]
    ) -> WaitResult:
        """Follow to the end. Right after a request the cluster can still be read as it was before, so at
        first it must show a trace of the change; where none comes, what is read back tells."""
        limit = timedelta(seconds=plan.ending.limit)
        is_new = cluster.id != plan.subject.id
        wish = WaitGoal(states=frozenset(plan.ending.states), limit=limit, is_new=is_new, seen=seen)
        traced = replace(wish, before=as_observed(plan), limit=min(limit, timedelta(seconds=GRACE)))
        try:
            if plan.ending.expected and cluster.id == plan.target.id:
                waited = await self.acting.fleet.wait_for(cluster, traced)
                if waited.is_known:
                    return waited
            return await self.acting.fleet.wait_for(cluster, wish)
        except CloudError as error:
            words = f"it could not be followed: {error.sentence}"
            return WaitResult(reached=False, cluster=None, words=words, is_known=False)

    def _read_back(self, plan: Plan, waited: WaitResult) -> dict[str, Json]:
        """What was to change and did not, in words."""
        if waited.cluster is None or not waited.reached:
            return {"differs": []}
        return {"differs": [*differences(plan.ending.expected, waited.cluster)]}
