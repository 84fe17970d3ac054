"""Following a sent change to its end, and finding its effect when the answer was lost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.changes.operation import ChangeOperation, ExecutionContext
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.run_log import RunLog
from bot.domain.attempt import Attempt, OutcomeEvidence
from bot.domain.cluster import Cluster
from bot.domain.cluster_properties import as_observed, describe_differences, without_mark
from bot.domain.errors import CloudError, PgbotError, StoreError
from bot.domain.plan import Plan
from bot.ionos.wait import AbsenceWatch, WaitGoal, WaitResult
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.runtime.workflows.port import Json

log = get_logger()

RETRY_SECONDS = 10.0
"""Seconds between two looks or tries at first."""

EVIDENCE_SECONDS = 180.0
"""Seconds to look for an effect after a lost answer: longer than a request may take, and than a restore was
ever seen to need until it shows (assumed: the notes leave it open); longer than ABSENT_SECONDS."""

THROWAWAY_SECONDS = 86_400.0
"""Seconds to look for a throwaway cluster, which must not stay behind."""

MAX_PAUSE = 900.0
"""Seconds between two such looks in the end."""

LOOK_FAILED = "The cluster could not be read"

IF_IT_HAPPENED, HOW_IT_ENDED = "whether it happened", "how it ended"
"""The parts of an outcome that can be unknown."""


Points = Callable[[str], None]
"""Receives the name of each point that is passed; the crash tests end the process there."""


def ignore_points(_name: str) -> None:
    """Ignore the point, as production does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFollower:
    """Only looks, so that all of it may be repeated. `operation` returns None for a command that this release
    does not have."""

    run_log: RunLog
    context: ExecutionContext
    clock: Clock
    operation: Callable[[str], ChangeOperation | None]
    at_point: Points = ignore_points

    async def find_evidence(
        self, record: ChangeRecord, attempt: Attempt, *, lasting: bool = False
    ) -> OutcomeEvidence | None:
        """Return what shows that the request was carried out, or None if nothing does within the time limit.

        With `lasting`, only evidence that a cluster still shows once it is no longer at work counts. A look
        that could not be made counts for nothing: it is repeated within the limit of the change, since tokens
        are renewed. Raises its error in the end; ConfigError at once, since what the settings lack does not
        come back while this process runs.
        """
        change, pause = self.operation(record.plan.command), RETRY_SECONDS
        absence, began = AbsenceWatch(self.clock), self.clock.monotonic()
        deadline = began + (THROWAWAY_SECONDS if record.plan.throwaway else EVIDENCE_SECONDS)
        limit = max(deadline, began + record.plan.ending.limit)
        while True:
            found, trouble = await self._look_for_effect(change, record, attempt)
            if found is not None and lasting and not found.lasts:
                found = None
            if found is not None and found.is_absence:
                is_certain = absence.missed() and await self.run_log.rows.was_sent(record.id)
                found = found if is_certain else None
            else:
                absence.found()
            if found is not None:
                return found
            if self.clock.monotonic() >= (deadline if trouble is None else limit):
                if trouble is not None:
                    raise trouble
                return None
            await self.clock.sleep(pause)
            if record.plan.throwaway or trouble is not None:
                pause = min(pause * 1.2, MAX_PAUSE)

    async def _look_for_effect(
        self, change: ChangeOperation | None, record: ChangeRecord, attempt: Attempt
    ) -> tuple[OutcomeEvidence | None, CloudError | None]:
        """Return what one look has found, and what kept it from looking."""
        try:
            return (await change.probe(record.plan, self.context, attempt) if change else None), None
        except CloudError as error:
            await self.run_log.record_progress(record.id, f"{LOOK_FAILED}: {error.sentence.rstrip('.')}")
            return None, error

    async def follow_change(self, change_id: str, sent: Mapping[str, Any]) -> dict[str, Json]:
        """Follow the cluster. Returns whether it reached its final state, the last words about it, and what
        differs.

        Whatever goes wrong makes the outcome unknown, so that a person can settle it; only a database that
        cannot be written raises StoreError, and the change is followed again once it can be.
        """
        record = await self.run_log.get_change(change_id)
        if record.state is not ChangeState.RUNNING:
            return {"reached": True, "over": True}
        if why := await self.find_unrecorded(record):
            return _unknown(why)
        try:
            return await self._follow(record, sent)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours must not be met again and again
            words = f"it could not be followed: {describe_trouble(record, error)}"
            return _unknown(words, HOW_IT_ENDED)

    async def find_unrecorded(self, record: ChangeRecord) -> str:
        """Return why nothing proves that it was sent, where the engine's file is newer than the rows; else
        nothing."""
        if record.said_ran or await self.run_log.rows.attempt(record.id) is not None:
            return ""
        return "the workflow engine says that it was sent, and pgbot.db has no record of that"

    async def _follow(self, record: ChangeRecord, sent: Mapping[str, Any]) -> dict[str, Json]:
        plan, made = record.plan, str(sent["made"])
        if not sent.get("shown") and not await self._shows_change(record):
            return _unknown("the cloud has accepted it, and the cluster shows no trace of it")
        target = plan.subject.model_copy(update={"id": made}) if made else plan.subject
        if not target.id:
            return _unknown("the id of what it made is unknown", HOW_IT_ENDED)

        async def seen(cluster: Cluster) -> None:
            self.at_point("seen")
            await self.run_log.record_progress(record.id, f"The cluster is {cluster.state}")

        async def missed(words: str) -> None:
            await self.run_log.record_progress(record.id, f"{LOOK_FAILED}: {words}")

        waited = await self._wait(target.as_cluster(), plan, seen, missed)
        if not waited.reached and not waited.is_known:
            return _unknown(waited.words, HOW_IT_ENDED)
        if waited.reached and sent.get("passes") and not await self._shows_change(record, lasting=True):
            return _unknown("it was seen at work, as in maintenance, and shows no trace of the request now")
        return {"reached": waited.reached, "words": waited.words, **self._read_back(record, waited)}

    async def _shows_change(self, record: ChangeRecord, *, lasting: bool = False) -> bool:
        """Return whether the cluster shows the change by now, where one can show it; with `lasting`, in
        another way than being at work."""
        attempt = await self.run_log.rows.attempt(record.id)
        if not record.plan.ending.leaves_trace or attempt is None:
            return True
        return await self.find_evidence(record, attempt, lasting=lasting) is not None

    async def _wait(
        self,
        cluster: Cluster,
        plan: Plan,
        seen: Callable[[Cluster], Awaitable[None]],
        missed: Callable[[str], Awaitable[None]],
    ) -> WaitResult:
        """Follow to the end. Right after a request the cluster can still read as before, so at first it must
        show a trace of the change; without one, the read-back decides."""
        limit = timedelta(seconds=plan.ending.limit)
        goal = WaitGoal(states=frozenset(plan.ending.states), limit=limit, seen=seen, missed=missed)
        traced = replace(
            goal, before=as_observed(plan), limit=min(limit, timedelta(seconds=EVIDENCE_SECONDS))
        )
        if plan.ending.expected and cluster.id == plan.target.id:
            waited = await self.context.fleet.wait_for(cluster, traced)
            if waited.is_known:
                return waited
        return await self.context.fleet.wait_for(cluster, goal)

    def _read_back(self, record: ChangeRecord, waited: WaitResult) -> dict[str, Json]:
        """Return in words what was to change and did not."""
        if waited.cluster is None or not waited.reached:
            return {"differs": []}
        cluster = without_mark(waited.cluster, record.id)
        return {"differs": [*describe_differences(record.plan.ending.expected, cluster)]}


def describe_trouble(record: ChangeRecord, error: Exception) -> str:
    """Return in words what kept a change from being followed; a bug of ours goes to the log."""
    if isinstance(error, PgbotError):
        return error.sentence
    log.error("change failed inside the bot", change=record.id, exc_info=error)
    return f"something went wrong inside the bot; its log has the details under {record.id}"


def _unknown(why: str, what: str = IF_IT_HAPPENED) -> dict[str, Json]:
    return {"unknown": why, "what": what, "reached": False, "words": why}
