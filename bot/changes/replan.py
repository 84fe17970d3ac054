"""Planning an approved change again, right before it is sent."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.changes.execution_context import ExecutionContext
from bot.changes.record import ChangeRecord
from bot.changes.run_log import RunLog
from bot.domain.attempt import WORKING
from bot.domain.errors import (
    CloudTrouble,
    Conflict,
    LogInDoubt,
    NotFound,
    NotTheHolder,
    RateLimited,
    SlackError,
    Unreachable,
    UnreadableAnswer,
)
from bot.domain.plan import Plan
from bot.runtime.clock import Clock
from bot.runtime.sending_right import SendingGate

RETRY_SECONDS = 10.0

REPLAN_SECONDS = 3_600.0
"""Seconds for which an approved change waits for its cluster, the cloud or Slack before it gives up."""

TRANSIENT = (
    *(Conflict, RateLimited, CloudTrouble, Unreachable, UnreadableAnswer),
    *(SlackError, LogInDoubt, NotTheHolder),
)
"""Errors that may be gone at the next try."""


class Replanning(Protocol):
    """Plans a stored change again, as its requester, with what there is now."""

    async def __call__(self, record: ChangeRecord) -> Plan:
        """Return the new plan. Raises PgbotError: Denied when the requester may no longer ask for it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryingReplan:
    """Waits out what passes by itself: a cluster at work, a cloud or a Slack that does not answer, a lease
    that another bot holds."""

    run_log: RunLog
    context: ExecutionContext
    clock: Clock
    replan: Replanning
    find_frozen: Callable[[ChangeRecord], Awaitable[Mapping[str, datetime]]]
    gate: SendingGate

    async def plan_again(self, record: ChangeRecord) -> Plan | None:
        """Return the plan made again, or None when the change no longer runs; see `keeps_turn`.

        Raises what the planner raises, UnprovenChange, and what has not passed within the time limit.
        """
        deadline = self.clock.monotonic() + REPLAN_SECONDS
        while await self.stays_running(record):
            try:
                await self.gate.require()
                await self.run_log.require_proven(record)
                await self._require_at_rest(record)
                if not record.plan.subject.id:
                    # Before the planner says that the name is taken.
                    await self.context.find_unmarked(record.plan.subject, record.id)
                return await self.replan(record)
            except TRANSIENT as error:
                if self.clock.monotonic() >= deadline:
                    raise
                await self.run_log.record_wait(record.id, error)
            await self.clock.sleep(RETRY_SECONDS)
        return None

    async def stays_running(self, record: ChangeRecord) -> bool:
        """Return whether the change still runs: it may have been stopped, and in a change freeze it goes back
        to the queue."""
        frozen = await self.find_frozen(record)
        return await self.run_log.stays_running(record, frozen.get(record.id))

    async def _require_at_rest(self, record: ChangeRecord) -> None:
        """Raise Conflict while the cluster is at work: later that could be taken for our change; Unreachable
        while its address does not find it, and it may exist all the same."""
        target = record.plan.subject
        if not target.id:
            return
        try:
            cluster = await self.context.read_cluster(target)
        except NotFound as error:
            if await self.context.fleet.doubt_absence(target.as_cluster()):
                raise Unreachable(error.sentence, error.next_step) from None
            return  # the planner's error says it better
        if cluster.state in WORKING - {"DESTROYING"}:
            raise Conflict(f"{cluster.name} is {cluster.state}.", "Request it again when it is AVAILABLE.")
