"""A drill: a backup restored into a cluster made for it, measured, and deleted again, whatever happens.

The creation leaves once, like every change (`execution`). The deletion may be sent again: it names an id that
the drill itself brought into being, so a second one finds the cluster on its way out, or nothing. That is why
it needs no ticket, and why nothing stays behind when an answer is lost.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from bot.changes.executor import ChangeExecutor
from bot.changes.follow import THROWAWAY_SECONDS, describe_trouble
from bot.changes.record import DELETED_AGAIN, ChangeRecord, ChangeState
from bot.domain.attempt import Attempt
from bot.domain.cluster import Cluster
from bot.domain.errors import CloudError, ConfigError, NotFound, OutcomeUnknown, StoreError, UnprovenChange
from bot.domain.plan import PlanTarget
from bot.domain.times import format_span
from bot.ionos.wait import AbsenceWatch, judge_absence
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.runtime.request_context import collect_requests, trace_id
from bot.runtime.workflows.port import Json, Steps

log = get_logger()

KIND = "drill"

FIRST_PAUSE, CERTAIN_PAUSE, MAX_PAUSE = 5.0, 45.0, 900.0
"""Seconds between two looks at a cluster that is to go: at first, while it is missing, and in the end."""

FULL_DISK_PAUSE = 120.0
"""Seconds between two tries to write to our own database."""

FIRST_RESEND, MAX_RESEND = 180.0, 3_600.0
"""Seconds after which a deletion that had no effect is sent again: at first, and in the end."""

APPEAR_SECONDS = 3_600.0
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
    """Progress of the deletion, as far as this process knows."""

    appears_until: datetime
    absence: AbsenceWatch
    seen: bool = False
    is_gone: bool = False
    is_given_up: bool = False
    sent_at: float = float("-inf")
    resend: float = FIRST_RESEND / 2
    trouble: str = "it was never seen to go"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillExecutor:
    """Runs drills. Its steps may be repeated at any point."""

    executor: ChangeExecutor

    def workflows(self) -> Mapping[str, Callable[[Mapping[str, Json], Steps], Awaitable[None]]]:
        return {KIND: self.run}

    async def run(self, payload: Mapping[str, Json], steps: Steps) -> None:
        """Run the workflow of an approved drill."""
        change_id = str(payload["id"])
        trace_id.set(change_id)
        sent = cast("dict[str, Any]", await steps.run("act", lambda: self.executor.plan_and_send(change_id)))
        if sent["outcome"] != "sent":
            return
        watched = cast("dict[str, Any]", await steps.run("watch", lambda: self._watch(change_id, sent)))
        self.executor.at_point(WATCHED)
        removed = cast(
            "dict[str, Any]",
            await steps.run("remove", lambda: self._remove(change_id, watched)),
        )
        self.executor.at_point(GONE)
        await steps.run("end", lambda: self._end(change_id, watched, removed))
        self.executor.at_point(ENDED)

    async def _watch(self, change_id: str, sent: Mapping[str, Any]) -> Json:
        """Follow the restore. A bug of ours must not keep the cluster from being deleted."""
        try:
            watched = await self.executor.follow_change(change_id, sent)
        except Exception:
            log.exception("drill could not be followed", change=change_id)
            watched = {"reached": False, "words": "it could not be followed; the log has the details"}
        attempt = await self._until_stored(lambda: self.executor.run_log.rows.attempt(change_id))
        taken = self._clock.now() - attempt.armed_at if attempt else timedelta(0)
        return {**watched, "took": format_span(taken)}

    # Deleting

    async def _remove(self, change_id: str, watched: Mapping[str, Any]) -> Json:
        record = await self._until_stored(lambda: self.executor.run_log.get_change(change_id))
        attempt = await self._until_stored(lambda: self.executor.run_log.rows.attempt(change_id))
        # As the row says that the audit log proves, and not as the engine's file has it: it is deleted.
        made = record.made
        target = record.plan.subject.model_copy(update={"id": made})
        if not _was_made_by_drill(made, record, attempt):
            return {"gone": False, "why": f"{made or 'its id'} is not known to be of this drill"}
        armed_at = attempt.armed_at if attempt else self._clock.now()
        removal = _Removal(
            appears_until=armed_at + timedelta(seconds=APPEAR_SECONDS),
            absence=AbsenceWatch(self._clock),
            seen=bool(watched["reached"]),
        )
        deadline, pause = self._clock.monotonic() + THROWAWAY_SECONDS, FIRST_PAUSE
        while not removal.is_gone:
            if removal.is_given_up or self._clock.monotonic() >= deadline:
                return {"gone": False, "why": removal.trouble.rstrip(".")}
            await self._look_once(record, target, removal)
            await self._clock.sleep(min(pause, CERTAIN_PAUSE) if removal.absence.looks else pause)
            pause = min(pause * 1.5, MAX_PAUSE)
        return {"gone": True}

    async def _look_once(self, record: ChangeRecord, target: PlanTarget, removal: _Removal) -> None:
        """Look once, and delete if that is due. What goes wrong is tried again at the next look."""
        try:
            try:
                cluster = await self.executor.context.read_cluster(target)
            except NotFound:
                await self._miss(record, target, removal)
                return
            removal.absence.found()
            removal.seen = True
            if cluster.state != "DESTROYING" and self._clock.monotonic() - removal.sent_at >= removal.resend:
                await self._delete(record, cluster, removal)
        except (ConfigError, UnprovenChange) as error:
            # What the settings lack does not come back while this process runs; what was stopped stays so.
            removal.trouble, removal.is_given_up = error.sentence, True
        except Exception as error:  # noqa: BLE001 - a bug of ours must not keep it from being tried again
            removal.absence.found()
            trouble = describe_trouble(record, error)
            if trouble != removal.trouble:
                log.warning("drill not deleted yet", change=record.id, error=trouble)
            removal.trouble = trouble

    async def _miss(self, record: ChangeRecord, target: PlanTarget, removal: _Removal) -> None:
        """Judge that its address does not find it. It is gone only if it stays so after a DELETE of ours."""
        if not removal.seen and self._clock.now() < removal.appears_until:
            return  # right after its creation a cluster may not show yet
        fleet = self.executor.context.fleet
        doubt = await judge_absence(removal.absence, fleet.doubt_absence(target.as_cluster()))
        if doubt:
            removal.trouble = doubt
        elif removal.sent_at > float("-inf"):
            removal.is_gone = True
        else:
            removal.absence.found()
            with suppress(NotFound):
                await self._delete(record, target.as_cluster(), removal)

    async def _delete(self, record: ChangeRecord, cluster: Cluster, removal: _Removal) -> None:
        """Send it, with the row that says so written before. Raises CloudError, StoreError, LogInDoubt, and
        UnprovenChange."""
        await self.executor.gate.require()
        removal.sent_at = self._clock.monotonic()
        removal.resend = min(removal.resend * 2, MAX_RESEND)
        run_log, what = self.executor.run_log, f"{cluster.name} ({cluster.id})"
        proven = await run_log.record_step(record, "intended", f"Deleting {what}", kind="intent")
        if proven is None or proven.state is not ChangeState.RUNNING or proven.made != cluster.id:
            raise UnprovenChange(f"{record.id} has changed since its cluster was read.")
        self.executor.at_point(DELETING)
        requests = collect_requests()
        try:
            await self.executor.context.fleet.delete(cluster)
        except OutcomeUnknown as error:
            await run_log.record_answer(record, "answer lost", error, requests)
            raise
        except CloudError as error:
            await run_log.record_answer(record, "refused", error, requests)
            raise
        self.executor.at_point(DELETED)
        await run_log.record_step(record, "accepted", f"IONOS accepted the deletion of {what}", requests)

    # The end

    async def _end(self, change_id: str, watched: Mapping[str, Any], removed: Mapping[str, Any]) -> Json:
        record = await self._until_stored(lambda: self.executor.run_log.get_change(change_id))
        if record.state is ChangeState.RUNNING and not watched.get("over"):
            differs = [str(each) for each in watched.get("differs", [])]
            reached = bool(watched["reached"] and removed["gone"])
            words = _describe_proof(record, watched, removed)
            await self._until_stored(lambda: self.executor.run_log.end(change_id, reached, words, differs))
        return None

    async def _until_stored(self, job: Callable[[], Awaitable[Any]]) -> Any:
        """Run a job until our own database, which may be full or locked for a while, takes it: a drill that
        ended there would leave its cluster behind."""
        while True:
            try:
                return await job()
            except StoreError as error:
                log.warning("drill waits for the database", error=error.sentence)
                await self._clock.sleep(FULL_DISK_PAUSE)

    @property
    def _clock(self) -> Clock:
        return self.executor.clock


def _was_made_by_drill(made: str, record: ChangeRecord, attempt: Attempt | None) -> bool:
    """Return whether the drill made the cluster: nothing is deleted that was there before it, or that is its
    target."""
    before = attempt.baseline if attempt else frozenset({made})
    return bool(made) and made not in before and made != record.plan.target.id


def _describe_proof(record: ChangeRecord, watched: Mapping[str, Any], removed: Mapping[str, Any]) -> str:
    plan, name = record.plan, record.plan.subject.name
    left = f"it could not be deleted ({removed.get('why')}); “drill list” has a button to do so"
    gone = DELETED_AGAIN if removed["gone"] else left
    if not watched["reached"]:
        return f"{name}: {watched['words']}; {gone}"
    backup, version = plan.order.get("backup_id"), plan.order.get("postgres_version")
    came_up = f"backup {backup} of {plan.target.name} came up as {name}, PostgreSQL {version}"
    return f"{came_up}, within {watched['took']}; {gone}"
