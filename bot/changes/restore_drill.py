"""A drill: a backup restored into a cluster made for it, measured, and deleted again, whatever happens.

The creation leaves once, like every change (`execution`). The deletion may be sent again: it names an id that
the drill itself brought into being, so a second one finds the cluster on its way out, or nothing. That is why
it needs no ticket, and why nothing stays behind when an answer is lost.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog

from bot.changes.executor import ChangeExecutor
from bot.changes.follow import PATIENCE
from bot.changes.record import ChangeRecord, ChangeState
from bot.domain.attempt import Attempt
from bot.domain.cluster import Cluster
from bot.domain.errors import CloudError, NotFound, OutcomeUnknown, StoreError
from bot.domain.plan import PlanTarget
from bot.domain.times import span
from bot.ionos.wait import ABSENT
from bot.runtime.clock import Clock
from bot.runtime.request_context import collect_requests, trace_id
from bot.runtime.workflows.port import Json, Steps

log = structlog.get_logger()

KIND = "drill"

FIRST_LOOK, LONGEST_LOOK = 5.0, 120.0
"""Seconds between two looks at a cluster that is to go."""

SENT_AGAIN = 180.0
"""Seconds after which a deletion that shows no effect is sent again."""

UNSEEN = 3_600.0
"""Seconds since the request within which a cluster that has not shown yet may still do so."""

WATCHED, DELETING, DELETED, GONE, ENDED = (
    "drill watched",
    "drill deleting",
    "drill deleted",
    "drill gone",
    "drill ended",
)
"""Points that a drill passes besides those of its creation."""


@dataclass(slots=True, kw_only=True)
class _Removal:
    """How far the deletion has come, as far as this process knows."""

    appears_until: datetime
    seen: bool = False
    absent: int = 0
    sent_at: float = float("-inf")
    trouble: str = "it was never seen to go"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillExecutor:
    """Runs drills. Its steps may be repeated at any point."""

    execution: ChangeExecutor

    def workflows(self) -> Mapping[str, Callable[[Mapping[str, Json], Steps], Awaitable[None]]]:
        """For the engine."""
        return {KIND: self.run}

    async def run(self, payload: Mapping[str, Json], steps: Steps) -> None:
        """The workflow of a drill that has its approvals."""
        change_id = str(payload["id"])
        trace_id.set(change_id)
        sent = cast("dict[str, Any]", await steps.run("act", lambda: self.execution.act(change_id)))
        if sent["outcome"] != "sent":
            return
        watched = cast("dict[str, Any]", await steps.run("watch", lambda: self._watch(change_id, sent)))
        self._passed(WATCHED)
        removed = cast(
            "dict[str, Any]",
            await steps.run("remove", lambda: self._remove(change_id, str(sent["made"]), watched)),
        )
        self._passed(GONE)
        await steps.run("end", lambda: self._end(change_id, watched, removed))
        self._passed(ENDED)

    async def _watch(self, change_id: str, sent: Mapping[str, Any]) -> Json:
        """What became of the restore. A fault of ours must not keep the cluster from being deleted."""
        try:
            watched = await self.execution.following().watch(change_id, sent)
        except Exception:
            log.exception("drill could not be followed", change=change_id)
            watched = {"reached": False, "words": "it could not be followed; the log has the details"}
        attempt = await self._surely(lambda: self._rows.attempt(change_id))
        taken = self._clock.now() - attempt.armed_at if attempt else timedelta(0)
        return {**watched, "took": span(taken)}

    # Deleting

    async def _remove(self, change_id: str, made: str, watched: Mapping[str, Any]) -> Json:
        record = await self._surely(lambda: self.execution.story.get(change_id))
        attempt = await self._surely(lambda: self._rows.attempt(change_id))
        target = record.plan.subject.model_copy(update={"id": made})
        if not _is_ours(made, record, attempt):
            return {"gone": False, "why": f"{made or 'its id'} is not known to be of this drill"}
        armed_at = attempt.armed_at if attempt else self._clock.now()
        going = _Removal(appears_until=armed_at + timedelta(seconds=UNSEEN), seen=bool(watched["reached"]))
        deadline, pause = self._clock.monotonic() + PATIENCE, FIRST_LOOK
        while going.absent < ABSENT:
            if self._clock.monotonic() >= deadline:
                return {"gone": False, "why": going.trouble.rstrip(".")}
            await self._step_on(record, target, going)
            await self._clock.sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK)
        return {"gone": True}

    async def _step_on(self, record: ChangeRecord, target: PlanTarget, going: _Removal) -> None:
        """One look, and the deletion if it is due. What goes wrong is tried again at the next."""
        try:
            cluster = await self.execution.acting.cluster(target)
            going.absent, going.seen = 0, True
            if cluster.state != "DESTROYING" and self._clock.monotonic() - going.sent_at >= SENT_AGAIN:
                await self._delete(record, cluster, going)
        except NotFound:
            # Right after its creation a cluster may not show yet: not there yet is not gone.
            is_late = not going.seen and self._clock.now() < going.appears_until
            going.absent += not is_late
        except (CloudError, StoreError) as error:
            going.trouble = error.sentence
            log.warning("drill not deleted yet", change=record.id, error=error.sentence)

    async def _delete(self, record: ChangeRecord, cluster: Cluster, going: _Removal) -> None:
        """Send it, with the row that says so written before. Raises CloudError or StoreError."""
        story, what = self.execution.story, f"{cluster.name} ({cluster.id})"
        await story.noted(record, "intended", f"Deleting {what}", kind="intent")
        self._passed(DELETING)
        requests = collect_requests()
        try:
            await self.execution.acting.fleet.delete(cluster)
        except OutcomeUnknown as error:
            going.sent_at = self._clock.monotonic()
            await story.answered(record, "answer lost", error, requests)
            raise
        except CloudError as error:
            await story.answered(record, "refused", error, requests)
            raise
        going.sent_at = self._clock.monotonic()
        self._passed(DELETED)
        await story.noted(record, "accepted", f"The cloud has accepted to delete {what}", requests)

    # The end

    async def _end(self, change_id: str, watched: Mapping[str, Any], removed: Mapping[str, Any]) -> Json:
        record = await self._surely(lambda: self.execution.story.get(change_id))
        if record.state is ChangeState.RUNNING and not watched.get("over"):
            differs = [str(each) for each in watched.get("differs", [])]
            reached = bool(watched["reached"] and removed["gone"])
            words = _proof(record, watched, removed)
            await self._surely(lambda: self.execution.story.ended(change_id, reached, words, differs))
        return None

    async def _surely(self, job: Callable[[], Awaitable[Any]]) -> Any:
        """Our own database may be full or locked for a while: a drill that ended there would stay behind."""
        while True:
            try:
                return await job()
            except StoreError as error:
                log.warning("drill waits for the database", error=error.sentence)
                await self._clock.sleep(LONGEST_LOOK)

    @property
    def _clock(self) -> Clock:
        return self.execution.clock

    @property
    def _rows(self) -> Any:
        return self.execution.story.rows

    def _passed(self, point: str) -> None:
        self.execution.at_point(point)


def _is_ours(made: str, record: ChangeRecord, attempt: Attempt | None) -> bool:
    """Nothing is deleted that was there before the drill, or that is its target."""
    before = attempt.baseline if attempt else frozenset({made})
    return bool(made) and made not in before and made != record.plan.target.id


def _proof(record: ChangeRecord, watched: Mapping[str, Any], removed: Mapping[str, Any]) -> str:
    plan, name = record.plan, record.plan.subject.name
    gone = "it is deleted again" if removed["gone"] else f"it could not be deleted ({removed['why']}): do so"
    if not watched["reached"]:
        return f"{name}: {watched['words']}; {gone}"
    backup, version = plan.order.get("backup_id"), plan.order.get("postgres_version")
    came_up = f"backup {backup} of {plan.target.name} came up as {name}, PostgreSQL {version}"
    return f"{came_up}, within {watched['took']}; {gone}"
