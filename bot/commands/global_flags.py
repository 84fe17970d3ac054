"""Flags that every command has, besides its own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from types import MappingProxyType

from bot.commands.did_you_mean import complete_name
from bot.commands.tokenizer import quote_word
from bot.domain.errors import BadArgument
from bot.domain.phrases import quote_text
from bot.domain.result import Output

GLOBAL_FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "help": "Show help for the command",
        "share": "Show the answer to the whole channel",
        "thread": "Show the title to the whole channel, and the rest in its thread",
        "csv": "Send the tables as CSV files",
        "wide": "Show every column of the tables",
        "columns": "Show these columns from now on, such as name,state; “default” brings back the usual ones",
        "output": "Form of the answer for programs: json, yaml, csv, tsv, id or name; or table, wide",
        "json": "The same as --output json",
        "jq": "Print what this jq filter makes of the JSON (in the terminal)",
        "wait": "Wait until the requested change has ended, and show how (in the terminal)",
        "timeout": "With --wait: stop waiting after this time, such as 2h; the change continues",
        "form": "Fill in a form first (in Slack)",
        "dry-run": "Show the plan of a change, without requesting it",
        "as": "“cli” adds the ionosctl command that does the same; nothing is changed",
        "kept": "Id of a stored listing to show again; buttons fill it in",
    }
)
"""Flags that every command has."""

OUTPUTS = tuple(each.value for each in Output if each is not Output.SCREEN)
"""What `--output` takes."""

VALUE_FLAGS = frozenset({"as", "columns", "jq", "kept", "output", "timeout"})
"""Flags that take a value; the others are yes or no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalFlags:
    """The global flags of one invocation. `kept` is the id of a cached listing, empty for a fresh read.

    `columns` are as typed, empty for no choice. `jq` is a filter that the caller runs on the JSON.
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
    output: Output = Output.SCREEN
    jq: str = ""
    wait: bool = False
    timeout: timedelta | None = None

    @property
    def is_public(self) -> bool:
        return self.share or self.thread


def spell_flags(flags: GlobalFlags) -> str:
    """Return the flags as they are typed; for a line that is suggested in place of another."""
    said = ("share", "thread", "csv", "form", "dry_run")
    words = [f"--{name.replace('_', '-')}" for name in said if getattr(flags, name)]
    words += [spell_view(flags)] if spell_view(flags) else []
    output = [] if flags.output is Output.SCREEN else [f"--output {flags.output}"]
    filters = [f"--jq {quote_word(flags.jq)}"] if flags.jq else []
    return " ".join([*words, *(["--as cli"] if flags.as_cli else []), *output, *filters])


def spell_view(flags: GlobalFlags) -> str:
    """Return the flags that choose columns, as they are typed; for lines that show the same answer again."""
    columns = [f"--columns {quote_word(','.join(flags.columns))}"] if flags.columns else []
    return " ".join([*(["--wide"] if flags.wide else []), *columns])


def read_output(given: Sequence[str], *, is_json: bool) -> Output:
    """Return the form of the answer that the flags ask for. Raises BadArgument."""
    typed = [word.strip().casefold() for word in given]
    wanted = {*typed, *(["json"] if is_json else [])}
    unknown = next((word for word in typed if word not in OUTPUTS), None)
    if unknown is not None:
        meant = complete_name(unknown, OUTPUTS)
        hint = f"Did you mean {meant}? " if meant else ""
        raise BadArgument(
            f"--output can't be “{quote_text(unknown)}”.", f"{hint}Choose one of {', '.join(OUTPUTS)}."
        )
    if len(wanted) > 1:
        raise BadArgument(
            f"One answer can't be {' and '.join(sorted(wanted))}.", "Leave one of the output flags out."
        )
    return Output(next(iter(wanted), Output.SCREEN))


def guess_output(text: str) -> Output:
    """Return the form that a line asks for which cannot be parsed: its error has that form, too."""
    words = re.split(r"[\s=\"']+", text)
    if not {"--json", "--jq"}.isdisjoint(words):
        return Output.JSON
    behind = (after for word, after in pairwise(words) if word in {"--output", "-o"})
    return next((Output(each) for each in behind if each in OUTPUTS), Output.SCREEN)
