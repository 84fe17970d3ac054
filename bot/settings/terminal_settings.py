"""The `terminal` section of app.yaml: the people behind users of this machine, and the socket they reach."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _is_absolute(text: str) -> str:
    if not Path(text).is_absolute():
        raise ValueError("use a path that starts with /, so that it works from every folder")
    return text


def _is_mode(value: object) -> object:
    # Without quotes YAML makes a number of it, and 0660 becomes 432.
    if not isinstance(value, str) or not re.fullmatch("0?[0-7]{3}", value):
        raise ValueError('write the file mode in quotes, such as "0660"')
    return value


class TerminalSettings(BaseModel):
    """The Slack people of this machine's users, and the Unix socket at which `serve` answers `pgbot run`.

    Anybody else who may use the socket only reads. Without `socket` it is `pgbot.sock` in the data folder.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)
    people: dict[str, Word] = Field(default_factory=dict)
    socket: Annotated[Word, AfterValidator(_is_absolute)] | None = None
    socket_mode: Annotated[str, BeforeValidator(_is_mode)] = "0660"
