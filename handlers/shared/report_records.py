"""Records about reports that the results of several commands have in common."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.reports.record import Slot, SlotState


class ReportRunState(StrEnum):
    """The states of a run of a report, as people and programs read them."""

    DUE = "due"
    RUNNING = "running"
    POSTED = "posted"
    SKIPPED = "skipped"
    MERGED = "merged"
    FAILED = "failed"


_RUN_STATES = {
    SlotState.WAITING: ReportRunState.DUE,
    SlotState.MAKING: ReportRunState.RUNNING,
    SlotState.DONE: ReportRunState.POSTED,
}
"""The states whose stored word is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRunRef:
    """A run of a report, by the time of its schedule."""

    at: datetime
    state: ReportRunState

    @classmethod
    def of(cls, slot: Slot) -> "ReportRunRef":
        """Return the reference to a run."""
        return cls(at=slot.at, state=_RUN_STATES.get(slot.state) or ReportRunState(slot.state.value))
