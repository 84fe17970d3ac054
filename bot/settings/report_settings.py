"""The `reports` and `holidays` sections of app.yaml; a report made in Slack is kept in the same form."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag

from bot.domain.approval_requirement import DAYS, ChangeFreeze, Day, Duration, Zone
from bot.domain.closed_choices import spelled_freely
from bot.domain.errors import BadArgument
from bot.domain.phrases import quote_text
from bot.domain.schedule import DaysOff, Schedule, parse_schedule
from bot.domain.stored_values import FrozenModel
from bot.settings.sections import Word

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Person = Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]{2,}$")]


_HOURS = re.compile(
    r"(?:(?P<days>[a-z]+(?:[-,] *[a-z]+)*) +)?"
    r"(?P<since>[\d:.]+(?: ?[ap]m)?|noon) *(?:-|–|to) *(?P<until>[\d:.]+(?: ?[ap]m)?|noon)"
)


class MissedRunPolicy(StrEnum):
    """The treatment of runs that were missed because the bot or its host was down."""

    RUN = "run"
    SKIP = "skip"
    MERGE = "merge"


def _is_schedule(text: str) -> str:
    try:
        parse_schedule(text)
    except BadArgument as error:
        raise ValueError(str(error)) from None
    return text


class WorkingHours(ChangeFreeze):
    """Days and hours in which a report may be made, in the report's own zone; `to` is excluded."""

    @classmethod
    def of(cls, text: str) -> "WorkingHours":
        """Read a line such as `mon-fri 8:00-18:00`, `sat,sun 10:00-12:00`, or hours alone for every day.

        Raises BadArgument.
        """
        found = _HOURS.fullmatch(text.strip().casefold())
        if found is None:
            raise BadArgument(
                f"Can’t read “{quote_text(text)}” as hours.", "Write them like “mon-fri 8:00-18:00”."
            )
        try:
            days = tuple(_days(found["days"] or "mon-sun"))
            return cls(days=days, since=found["since"], until=found["until"])
        except ValueError:
            raise BadArgument(
                f"Can’t read “{quote_text(text)}” as hours: use days from mon to sun, and start before "
                "the end.",
                "Write them like “mon-fri 8:00-18:00”.",
            ) from None


def _days(text: str) -> Iterator[Day]:
    """Yield each day of `mon-wed,sat`. Raises ValueError for an unknown day or a backward range."""
    days: tuple[str, ...] = DAYS
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        start, end = (days.index(day) for day in (first, last or first))
        if start > end:
            raise ValueError("a range of days must run forwards")
        yield from DAYS[start : end + 1]


class ReportSetting(FrozenModel):
    """A scheduled read-only command for a channel. `owner` is told when the channel cannot be posted in.

    `sections` are the captions of the tables to show; none means all. `holidays` names a calendar.
    """

    name: Name
    command: Word
    when: Annotated[Word, AfterValidator(_is_schedule)]
    zone: Zone = "UTC"
    channel: Word
    owner: Person
    reason: str = ""
    late: Annotated[MissedRunPolicy, spelled_freely(MissedRunPolicy)] = MissedRunPolicy.MERGE
    jitter: Duration | None = None
    hours: WorkingHours | None = None
    holidays: Word | None = None
    sections: tuple[Word, ...] = ()

    def schedule(self, calendars: Mapping[str, DaysOff]) -> Schedule:
        """Return its schedule. Raises KeyError for an unknown calendar."""
        hours = self.hours and self.hours.model_copy(update={"zone": self.zone})
        days = calendars[self.holidays].in_zone(self.zone) if self.holidays else {}
        return Schedule(timetable=parse_schedule(self.when), zone=self.zone, hours=hours, holidays=days)

    @property
    def schedule_words(self) -> str:
        """Return the times in words, as they were understood."""
        return parse_schedule(self.when).describe()

    @property
    def spread(self) -> timedelta:
        """Return the time after its schedule within which it may start."""
        return self.jitter or timedelta()


def _differ(reports: tuple[ReportSetting, ...]) -> tuple[ReportSetting, ...]:
    names = [each.name for each in reports]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"two reports are called {twice}")
    return reports


ReportSettings = Annotated[tuple[ReportSetting, ...], AfterValidator(_differ)]


def _kind_of_calendar(value: object) -> str:
    return "tag:file" if isinstance(value, str) else "tag:days"


HolidaySettings = dict[
    Name,
    Annotated[
        Annotated[tuple[date, ...], Field(min_length=1), Tag("tag:days")] | Annotated[Word, Tag("tag:file")],
        Discriminator(_kind_of_calendar),
    ],
]
"""Calendars by name: a list of dates, or the path of an ICS file."""
