"""Commands: declared in a file each, found by discovery, known by the words in the file's name."""

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import ModuleType
from typing import TYPE_CHECKING, Any, get_type_hints

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from bot.reply import Reply

if TYPE_CHECKING:
    from bot.context import Context


class Arguments(BaseModel):
    """What a command takes: one field each, with a description, which is its help.

    A field annotated with `Positional` is given by its place, every other one as `--name value`
    (`--name` alone for a yes or no, several times for a list).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Positional:
    """Marks a field that is given by its place. `rest` takes all remaining words as one text."""

    rest: bool = False


class Effect(StrEnum):
    """What a command does to the world. Only a read may run on a schedule or without a Slack person."""

    READ = "read"
    WRITE = "write"


Run = Callable[[Any, "Context"], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One `/pg` subcommand. `open_to_all` ones need no permission, such as help."""

    words: tuple[str, ...]
    summary: str
    details: str
    arguments: type[Arguments]
    run: Run
    effect: Effect = Effect.READ
    open_to_all: bool = False
    examples: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """The words as typed: `cluster list`."""
        return " ".join(self.words)

    @property
    def group(self) -> str:
        """The noun it belongs to, under which help lists it."""
        return self.words[0]

    def positionals(self) -> Iterator[tuple[str, FieldInfo, Positional]]:
        """The fields given by place, in order."""
        for name, info in self.arguments.model_fields.items():
            mark = next((each for each in info.metadata if isinstance(each, Positional)), None)
            if mark is not None:
                yield name, info, mark

    def flags(self) -> Iterator[tuple[str, FieldInfo]]:
        """The fields given by name; `--` and dashes for underscores are how they are typed."""
        placed = {name for name, _, _ in self.positionals()}
        for name, info in self.arguments.model_fields.items():
            if name not in placed:
                yield name.replace("_", "-"), info


def command(
    *, effect: Effect = Effect.READ, open_to_all: bool = False, examples: tuple[str, ...] = ()
) -> Callable[[Run], Command]:
    """Make a handler a command. Its words are the file's name, its help the docstring, its arguments
    the type of the first parameter."""

    def declare(run: Run) -> Command:
        summary, _, details = (inspect.getdoc(run) or "").partition("\n")
        return Command(
            words=tuple(run.__module__.rpartition(".")[2].split("_")),
            summary=summary.strip(),
            details=details.strip(),
            arguments=_arguments(run),
            run=run,
            effect=effect,
            open_to_all=open_to_all,
            examples=examples,
        )

    return declare


def _arguments(run: Run) -> type[Arguments]:
    first = next(iter(inspect.signature(run).parameters))
    kind = get_type_hints(run, localns={"Context": object})[first]
    if not (isinstance(kind, type) and issubclass(kind, Arguments)):
        raise TypeError(f"{run.__module__}: the first parameter must be typed with a subclass of Arguments")
    return kind


class Registry:
    """The commands there are, by their words."""

    def __init__(self, commands: Iterator[Command] | tuple[Command, ...]) -> None:
        self._commands = {each.words: each for each in sorted(commands, key=lambda each: each.words)}

    @classmethod
    def discover(cls, package: ModuleType) -> "Registry":
        """Every module of the package that declares a command. Raises TypeError for one that does not."""
        return cls(tuple(_declared(package, info.name) for info in pkgutil.iter_modules(package.__path__)))

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def get(self, words: tuple[str, ...]) -> Command | None:
        """The command of exactly these words."""
        return self._commands.get(words)

    def beginning_with(self, word: str) -> list[Command]:
        """The commands of one noun: `cluster` gives `cluster list`, `cluster show`, …"""
        return [each for each in self if each.group == word]


def _declared(package: ModuleType, stem: str) -> Command:
    module = importlib.import_module(f"{package.__name__}.{stem}")
    found = [each for each in vars(module).values() if isinstance(each, Command)]
    if len(found) != 1:
        raise TypeError(f"{module.__name__} must declare exactly one command, and declares {len(found)}")
    return replace(found[0], words=tuple(stem.split("_")))
