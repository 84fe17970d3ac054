"""One result of `pgbot check`: how bad it is, its line in app.yaml, and what to do."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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
    """The result of one check. `place` is `app.yaml line 7` or a variable; empty where nothing was set."""

    level: CheckLevel
    what: str
    advice: str = ""
    place: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the bot can do its work with it."""
        return self.level not in {CheckLevel.ERROR, CheckLevel.UNKNOWN}

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{self.level:<8}{where}{self.what}" + (f"\n        {self.advice}" if self.advice else "")

    def as_dict(self) -> dict[str, Any]:
        """Return it for machines."""
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


def passed(what: str, place: str = "") -> CheckResult:
    """Return a check that passed."""
    return CheckResult(CheckLevel.OK, what, place=place)


def hinted(what: str, advice: str, place: str = "") -> CheckResult:
    """Return a check that found something that may be meant."""
    return CheckResult(CheckLevel.HINT, what, advice, place)


def warned(what: str, advice: str, place: str = "") -> CheckResult:
    """Return a check that found something that is probably not meant, with which the bot runs."""
    return CheckResult(CheckLevel.WARNING, what, advice, place)


def unknown(what: str, advice: str, place: str = "") -> CheckResult:
    """Return a check that could not be made now."""
    return CheckResult(CheckLevel.UNKNOWN, what, advice, place)


def failed(what: str, advice: str, place: str = "") -> CheckResult:
    """Return a check that failed."""
    return CheckResult(CheckLevel.ERROR, what, advice, place)
