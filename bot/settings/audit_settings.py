"""The `audit` section of app.yaml: where anchors go and how often, and the key that rows are chained with."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from bot.domain.errors import BadArgument
from bot.domain.times import parse_duration
from bot.settings.secrets import Reference

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _is_duration(text: str) -> str:
    try:
        parse_duration(text)
    except BadArgument as error:
        raise ValueError(error.sentence) from None
    return text


class AnchorSettings(BaseModel):
    """Where anchors are kept outside the log: a file, a program that reads one on its input, a channel."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    file: Word | None = None
    command: tuple[Word, ...] | None = None
    channel: Word | None = None


class AuditSettings(BaseModel):
    """How the audit log proves itself; see docs/audit.md."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    anchors: AnchorSettings = AnchorSettings()
    every: Annotated[Word, AfterValidator(_is_duration)] = "1h"
    key: Reference | None = None

    @property
    def interval(self) -> timedelta:
        """How long from one anchor to the next."""
        return parse_duration(self.every)
