"""The `audit` section of app.yaml: places and interval of the anchors, and the key of the hash chain."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from bot.domain.errors import BadArgument
from bot.domain.times import parse_duration
from bot.settings.child_process import ProgramSettings
from bot.settings.secrets import Reference

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _check_duration(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("it must be a duration with a unit, such as 90s or 1h30m")  # noqa: TRY004 - pydantic's
    try:
        parse_duration(str(value))
    except BadArgument as error:
        raise ValueError(str(error)) from None
    return value


DurationText = Annotated[Word, BeforeValidator(_check_duration)]
"""A duration as people write it, such as `90s` or `1h30m`."""


class AnchorSettings(ProgramSettings):
    """The places where anchors are kept: a file, a program that reads one on its input, a channel.

    `read` is a program that prints the anchors which `command` keeps.
    """

    file: Word | None = None
    command: tuple[Word, ...] | None = None
    read: tuple[Word, ...] | None = None
    channel: Word | None = None


class AuditSettings(BaseModel):
    """Anchors and key of the audit log; see docs/audit.md."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)
    anchors: AnchorSettings = AnchorSettings()
    every: DurationText = "1h"
    key: Reference | None = None

    @property
    def interval(self) -> timedelta:
        """Return the time from one anchor to the next."""
        return parse_duration(self.every)
