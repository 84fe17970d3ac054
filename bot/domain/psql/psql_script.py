"""psql scripts that read and show first, stop where a guard applies, and ask before anything is lost."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from bot.domain.errors import NotOffered
from bot.domain.psql.identifiers import quote_value
from bot.domain.reply import Code, File, Note, Part, Text
from bot.domain.text_safety import visible

_WIDTH = 100
_PLAIN = re.compile(r"[A-Za-z0-9_.]+")
_SECTIONS = re.compile(
    r"-- @known\n(?P<known>(?:(?!-- @show\n).)*+)-- @show\n(?P<show>(?:(?!-- @change\n).)*+)-- @change\n"
    r"(?P<change>.*)",
    re.DOTALL,
)
_PART = re.compile(r"^-- @(\w+)$", re.MULTILINE)
_GUARD = re.compile(r"^-- (?P<name>[a-z ]+): (?P<reason>.+)\n(?P<row>(?:(?!--).+\n)+)", re.MULTILINE)

_WORDS = {"role": "user", "heir": "new owner"}
"""Words for people, where a variable is called otherwise."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A reason for a script to stop: for people, and as the condition and the message of an SQL row."""

    reason: str
    row: str


def find_guards(*names: str) -> tuple[Guard, ...]:
    """Return guards by their names, each with the variable or common table expression that it is about:
    `no role: heir`."""
    return tuple(map(_find_guard, names))


def _find_guard(named: str) -> Guard:
    name, _, subject = named.partition(": ")
    reason, row = _read_guards()[name]
    return Guard(reason.replace("{}", _WORDS.get(subject, subject)), row.replace("{}", subject))


@cache
def read_sql(name: str) -> str:
    return files("bot.domain.psql").joinpath("sql", name).read_text(encoding="utf-8")


@cache
def _read_guards() -> dict[str, tuple[str, str]]:
    return {
        found["name"]: (found["reason"], found["row"]) for found in _GUARD.finditer(read_sql("guards.sql"))
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlOperation:
    """An operation that only SQL can do: its effect, the most that it can lose, and what stops it.

    `file` holds its SQL in three sections: common table expressions of the guards, what reads and shows,
    and what changes. `typed` is the variable whose value has to be typed in between; "" for no question.
    """

    title: str
    does: str
    loses: str
    guards: tuple[Guard, ...]
    file: str
    typed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlTarget:
    """The cluster that a script is for, and the names that its primary user may have: none if unknown.

    `initial` is the database in the cluster's credentials; "" where app.yaml has none.
    """

    cluster: str
    primaries: tuple[str, ...] = ()
    initial: str = ""

    @property
    def primary(self) -> str:
        """Return the likeliest name of the primary user; "" where nobody tells."""
        return next(iter(self.primaries), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PsqlScript:
    """An operation on named things of a cluster. `database` is the one to connect to.

    `name` is that of its file, made from `about` unless it is given. `notes` are for readers of the script.
    `setup` has lines that set further variables; `parts` has text for lines of the operation's file that
    begin with `-- @`.
    """

    operation: SqlOperation
    target: SqlTarget
    about: str
    variables: Mapping[str, str]
    database: str = "postgres"
    name: str = ""
    notes: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """Return the name of its file, of letters, digits and dashes."""
        if self.name:
            return self.name
        words = re.findall(r"[a-z0-9]+", f"{self.about} of {self.target.cluster}".lower())
        return "-".join(words)[:80].strip("-") + ".sql"

    @property
    def command(self) -> str:
        """Return the command line that runs it. Words in capitals are to be filled in."""
        user = self.target.primary if _PLAIN.fullmatch(self.target.primary) else "PRIMARY_USER"
        return f'psql -X -f {self.file_name} "host=HOST user={user} dbname={self.database}"'

    def render(self) -> str:
        """Return the text of the script, ending in a line feed."""
        names = {"primary": self.target.primary, **self.variables}
        lines = [
            *self._head(),
            "",
            read_sql("settings.sql").rstrip(),
            *(f"\\set {name} {quote_value(value)}" for name, value in names.items()),
            *self.setup,
            "",
            self._body(),
        ]
        return "\n".join(lines)

    def explain(self) -> tuple[Part, ...]:
        """Return what it does and can lose, the line that runs it, and the script as a file."""
        return (
            Text(f"{self.operation.does} It can lose {self.operation.loses}."),
            Code(self.command),
            Note("The script shows what it will do first, and stops before any change if a check fails."),
            File(self.file_name, self.render().encode()),
        )

    def _head(self) -> Iterator[str]:
        yield f"-- {visible(self.about)} of {visible(self.target.cluster)}"
        yield "--"
        yield from _comment("", self.operation.does)
        yield from _comment("", f"It can lose {self.operation.loses}.")
        for note in self.notes:
            yield from _comment("", note)
        yield "--"
        yield f"-- Run it with: {self.command}"
        yield "-- It stops before any change if"
        for guard in self.operation.guards:
            yield from _comment("  - ", guard.reason)

    def _body(self) -> str:
        sections = _SECTIONS.fullmatch(read_sql(self.operation.file))
        if sections is None:
            raise ValueError(f"{self.operation.file} lacks a section")
        rows = (f"({number}, {each.row.strip()})" for number, each in enumerate(self.operation.guards, 1))
        question = read_sql("question.sql").replace("{}", self.operation.typed)
        parts = {
            **sections.groupdict(),
            "guards": ",\n".join(rows),
            "question": question if self.operation.typed else "",
            **{name: read_sql(f"{name}.sql") for name in ("check", "ctes", "membership", "stop")},
            **self.parts,
        }
        text = read_sql("frame.sql")
        while _PART.search(text):
            text = _PART.sub(lambda found: parts[found[1]].strip(), text)
        return text + "\n"


class RunSql(NotOffered):
    """The cluster's API lacks the operation; the script does it."""

    def __init__(self, sentence: str, script: PsqlScript) -> None:
        super().__init__(sentence, script.command)
        self.script = script


def _comment(begin: str, text: str) -> list[str]:
    return textwrap.wrap(
        visible(text), _WIDTH, initial_indent=f"-- {begin}", subsequent_indent=f"-- {' ' * len(begin)}"
    )
