"""One result of `pgbot check`: how bad it is, its setting, and what to do."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from bot.settings.yaml_source import Location

_LINE = re.compile(r"(?P<file>.*) line (?P<line>\d+)")


class CheckLevel(StrEnum):
    """The levels of a result, the best first. `unknown`: it could not be checked now, which is not ok."""

    OK = "ok"
    HINT = "hint"
    WARNING = "warning"
    UNKNOWN = "unknown"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check. `at` is the setting that it is about; `place` is where people find it, such as
    `app.yaml line 7` or a variable; empty where nothing was set."""

    level: CheckLevel
    what: str
    advice: str = ""
    at: Location = ()
    place: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the bot can do its work with it."""
        return self.level not in {CheckLevel.ERROR, CheckLevel.UNKNOWN}

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{self.level:<8}{where}{self.what}" + (f"\n        {self.advice}" if self.advice else "")

    def as_dict(self) -> dict[str, Any]:
        found = _LINE.fullmatch(self.place)
        return {
            "ok": self.ok,
            "level": self.level.value,
            "what": self.what,
            "advice": self.advice,
            "place": self.place,
            "file": found and found["file"],
            "line": found and int(found["line"]),
        }


def passed(what: str, at: Location = ()) -> CheckResult:
    return CheckResult(CheckLevel.OK, what, at=at)


hinted = partial(CheckResult, CheckLevel.HINT)
"""A check that found something that may be meant."""

warned = partial(CheckResult, CheckLevel.WARNING)
"""A check that found something that is probably not meant, with which the bot runs."""

unknown = partial(CheckResult, CheckLevel.UNKNOWN)
"""A check that could not be made now."""

failed = partial(CheckResult, CheckLevel.ERROR)
"""A check that failed."""
