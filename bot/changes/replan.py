"""Planning an approved change again, right before it is sent, as soon as there is something to look at."""

from collections.abc import Callable
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
    NotFound,
    RateLimited,
    SlackError,
    Unreachable,
    UnreadableAnswer,
)
from bot.domain.plan import Plan
from bot.runtime.clock import Clock

BETWEEN_LOOKS = 10.0

PATIENCE = 3_600.0
"""Seconds for which an approved change waits for its cluster, the cloud or Slack before it gives up."""

PASSING = (Conflict, RateLimited, CloudTrouble, Unreachable, UnreadableAnswer, SlackError)
"""What may be over at the next look."""


class Replanning(Protocol):
    """Plans a kept change again, as its requester, with what there is now."""

    async def __call__(self, record: ChangeRecord) -> Plan:
        """Raises PgbotError: Denied, when the requester may not ask for it any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientReplan:
    """Waits out what passes by itself: a cluster at work, a cloud or a Slack that does not answer."""

    story: RunLog
    acting: ExecutionContext
    clock: Clock
    replan: Replanning
    frozen_until: Callable[[ChangeRecord], datetime | None]

    async def plan(self, record: ChangeRecord) -> Plan | None:
        """The plan as it would be now; None where the change no longer has its turn, see `keeps_turn`.

        Raises what the planner raises, and what has not passed in time.
        """
        deadline = self.clock.monotonic() + PATIENCE
        while await self.keeps_turn(record):
            try:
                await self._at_rest(record)
                return await self.replan(record)
            except PASSING as error:
                if self.clock.monotonic() >= deadline:
                    raise
                await self.story.progress(record.id, f"Nothing was sent yet: {error.sentence.rstrip('.')}")
            await self.clock.sleep(BETWEEN_LOOKS)
        return None

    async def keeps_turn(self, record: ChangeRecord) -> bool:
        """Whether it still runs: it may have been stopped, and in a freeze it gives its turn back."""
        return await self.story.keeps_turn(record, self.frozen_until(record))

    async def _at_rest(self, record: ChangeRecord) -> None:
        """Raises Conflict while the cluster is at work: later on that could be taken for our doing."""
        target = record.plan.subject
        if not target.id:
            return
        try:
            cluster = await self.acting.cluster(target)
        except NotFound:
            return  # the planner has the words for it
        if cluster.state in WORKING - {"DESTROYING"}:
            raise Conflict(f"{cluster.name} is {cluster.state}.", "Ask again when it is AVAILABLE.")
