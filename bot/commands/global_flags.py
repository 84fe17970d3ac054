"""Flags that every command has, besides its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.commands.tokenizer import quote_word

GLOBAL_FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "help": "Show help for the command",
        "share": "Show the answer to the whole channel",
        "thread": "Show the title to the whole channel, and the rest in its thread",
        "csv": "Send the tables as CSV files",
        "wide": "Show every column of the tables",
        "columns": "Show these columns from now on, such as name,state; “default” brings back the usual ones",
        "form": "Fill in a form first (in Slack)",
        "dry-run": "Show the plan of a change, without requesting it",
        "as": "“cli” adds the ionosctl command that does the same; nothing is changed",
        "kept": "Id of a stored listing to show again; buttons fill it in",
    }
)
"""Flags that every command has."""

VALUE_FLAGS = frozenset({"as", "columns", "kept"})
"""Flags that take a value; the others are yes or no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalFlags:
    """The global flags of one invocation. `kept` is the id of a cached listing, empty for a fresh read.

    `columns` are as typed, empty for no choice.
    """

    share: bool = False
    thread: bool = False
    csv: bool = False
    wide: bool = False
    columns: tuple[str, ...] = ()
    form: bool = False
    dry_run: bool = False
    as_cli: bool = False
    kept: str = ""

    @property
    def is_public(self) -> bool:
        """Return whether the whole channel sees the answer."""
        return self.share or self.thread


def spell_flags(flags: GlobalFlags) -> str:
    """Return the flags as they are typed; for a line that is suggested in place of another."""
    said = ("share", "thread", "csv", "form", "dry_run")
    words = [f"--{name.replace('_', '-')}" for name in said if getattr(flags, name)]
    words += [spell_view(flags)] if spell_view(flags) else []
    return " ".join([*words, *(["--as cli"] if flags.as_cli else [])])


def spell_view(flags: GlobalFlags) -> str:
    """Return the flags that choose columns, as they are typed; for lines that show the same answer again."""
    columns = [f"--columns {quote_word(','.join(flags.columns))}"] if flags.columns else []
    return " ".join([*(["--wide"] if flags.wide else []), *columns])
