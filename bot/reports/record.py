"""What is kept of reports: where each stands, the slots that were due, and what the last one said."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.request import Invocation
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
        """What it is called."""
        return self.setting.name

    @property
    def is_from_file(self) -> bool:
        """Whether it is a line of app.yaml."""
        return not self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStatus:
    """What people and time have done to a report. `seen_until`: slots up to then have their rows."""

    name: str
    seen_until: datetime | None = None
    paused: str = ""
    snoozed_until: datetime | None = None
    snoozed: str = ""
    muted: tuple[str, ...] = ()
    is_lost: bool = False
    """Whether the owner has been told that the channel cannot be posted in."""

    def why_not(self, at: datetime) -> str:
        """Why a slot at this time is not made; empty where it is."""
        if self.paused:
            return self.paused
        if self.snoozed_until is not None and at < self.snoozed_until:
            return self.snoozed
        return ""


class SlotState(StrEnum):
    """Of a slot. WAITING and MAKING are open, the others are for good."""

    WAITING = "waiting"
    MAKING = "being made"
    DONE = "made"
    SKIPPED = "skipped"
    MERGED = "merged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One time at which a report is due, once. `at` is the time of its schedule, `due_at` when it may begin.

    `ts` is where it was posted; `notice` where the channel was told that it could not be made.
    `is_posting` is set before the post and stays when the process ends in the middle of it.
    """

    report: str
    at: datetime
    due_at: datetime
    state: SlotState = SlotState.WAITING
    tries: int = 0
    why: str = ""
    is_posting: bool = False
    ts: str = ""
    notice: str = ""
    asked_by: str = ""
    stands_for: int = 1

    @property
    def id(self) -> str:
        """What the engine knows it by. One that a person asked for may be due in the same second."""
        exact = f".{self.at.microsecond:06}" if self.at.microsecond else ""
        return f"report:{self.report}:{self.at:%Y%m%dT%H%M%S}{exact}"


@dataclass(frozen=True, slots=True)
class Result:
    """What a report said at its slot."""

    at: datetime
    content: ReportSnapshot = field(default_factory=ReportSnapshot)


def who(invocation: Invocation) -> str:
    """The person, as kept and shown."""
    return invocation.actor.name or invocation.actor.id
