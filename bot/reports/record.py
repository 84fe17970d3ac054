"""Reports as stored: their status, their runs, and the snapshot of each result."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.audit.records import AuditEntry
from bot.domain.request import Invocation, Origin
from bot.domain.stored_values import Provenance, changed_parts
from bot.reports.snapshot import ReportSnapshot
from bot.settings.report_settings import ReportSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report of app.yaml, or one that `by` made in Slack (team and Slack id; empty for the file's)."""

    setting: ReportSetting
    by: str = ""
    team: str = ""
    at: datetime | None = None

    @property
    def name(self) -> str:
        return self.setting.name

    @property
    def is_from_file(self) -> bool:
        """Return whether it is a line of app.yaml."""
        return not self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStatus:
    """A report's status. `seen_until`: runs up to then have their rows."""

    name: str
    seen_until: datetime | None = None
    paused: str = ""
    snoozed_until: datetime | None = None
    snoozed: str = ""
    muted: tuple[str, ...] = ()
    is_lost: bool = False
    """True when the owner has been told that `lost_channel` cannot be posted in."""
    lost_channel: str = ""

    def skip_reason(self, at: datetime) -> str:
        """Return why a run at this time is skipped; empty where it is not."""
        is_snoozed = self.snoozed_until is not None and at < self.snoozed_until
        return self.paused or (self.snoozed if is_snoozed else "")


RunLabel = Literal["due", "running", "posted", "skipped", "merged", "failed"]


class SlotState(StrEnum):
    """States of a run, as stored. WAITING and MAKING are open, the others final."""

    WAITING = "waiting"
    MAKING = "being made"
    DONE = "made"
    SKIPPED = "skipped"
    MERGED = "merged"
    FAILED = "failed"

    @property
    def label(self) -> RunLabel:
        return _LABELS[self]


_LABELS: dict[SlotState, RunLabel] = {
    SlotState.WAITING: "due",
    SlotState.MAKING: "running",
    SlotState.DONE: "posted",
    SlotState.SKIPPED: "skipped",
    SlotState.MERGED: "merged",
    SlotState.FAILED: "failed",
}


STALLED = "The bot stopped responding during this run, and was restarted."
"""The `why` of a run that must not be made again. It is FAILED as soon as that is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One scheduled run of a report. `at` is the time of its schedule, `due_at` when it may start.

    `ts` is the posted message; `notice` the channel's notice that it could not be made. `why` of one that
    waits is set where its message may be there.
    """

    report: str
    at: datetime
    due_at: datetime
    state: SlotState = SlotState.WAITING
    tries: int = 0
    why: str = ""
    ts: str = ""
    notice: str = ""
    asked_by: str = ""
    stands_for: int = 1

    @property
    def id(self) -> str:
        """Return the run's id for the engine. One that a person asked for may share a second with another."""
        exact = f".{self.at.microsecond:06}" if self.at.microsecond else ""
        return f"report:{self.report}:{self.at:%Y%m%dT%H%M%S}{exact}"


@dataclass(frozen=True, slots=True)
class Result:
    """The snapshot of one run."""

    at: datetime
    content: ReportSnapshot = field(default_factory=ReportSnapshot)


@dataclass(frozen=True, slots=True)
class ResultHistory:
    """Earlier results of a report, the oldest first, and the provenance of the one that is being made."""

    results: Sequence[Result]
    provenance: Provenance

    @property
    def comparable(self) -> list[Result]:
        """The results since its provenance last changed."""
        kept: list[Result] = []
        for each in reversed(self.results):
            if changed_parts(each.content.provenance, self.provenance):
                break
            kept.insert(0, each)
        return kept

    @property
    def changed(self) -> tuple[str, ...]:
        """The parts of its provenance that have changed since the last result."""
        return changed_parts(self.results[-1].content.provenance, self.provenance) if self.results else ()


def person_name(invocation: Invocation) -> str:
    return invocation.actor.name or invocation.actor.id


def run_entry(slot: Slot, report: Report | None, outcome: str, detail: str, at: datetime) -> AuditEntry:
    """Return the entry of a run: `posted`, `not posted`, `skipped` or `merged`. It shares the run's id as
    trace with what the command did."""
    return AuditEntry(
        at=at,
        kind="outcome",
        trace=slot.id,
        team=report.team if report else "",
        actor=f"{Origin.SCHEDULE}:{slot.report}",
        channel=report.setting.channel if report else "",
        text=report.setting.command if report else "",
        outcome=outcome,
        detail=detail,
    )
