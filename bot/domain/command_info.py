"""The facts of a command that policy, reports and changes decide by."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class CommandEffect(StrEnum):
    """The effect of a command. Without a Slack person only a read may run; on a schedule, a read or a
    schedulable change."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandInfo:
    """A `/pg` subcommand as others than its handler know it. `open_to_all` ones need no permission, such as
    help. A `schedulable` change may be requested by a line of `reports` in app.yaml."""

    words: tuple[str, ...]
    effect: CommandEffect = CommandEffect.READ
    open_to_all: bool = False
    schedulable: bool = False

    @property
    def name(self) -> str:
        """The words as typed: `cluster list`."""
        return " ".join(self.words)

    @property
    def group(self) -> str:
        """The noun it belongs to, under which help lists it."""
        return self.words[0]


class ParsedLine(Protocol):
    """A command line that was understood."""

    @property
    def command(self) -> CommandInfo: ...

    @property
    def is_dry_run(self) -> bool: ...

    @property
    def is_for_programs(self) -> bool: ...
