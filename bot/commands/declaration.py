"""Commands: declared in a file each, found by discovery, known by the words in the file's name."""

import ast
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from itertools import pairwise, starmap
from types import MappingProxyType, ModuleType
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import AfterValidator, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.changes.change_result import ChangeResult
from bot.changes.operation import ChangeOperation, Execute, MakeScript, Planner, Probe, probe_cluster
from bot.commands.form_layout import (
    AskForm,
    FormChoice,
    FormLayout,
    FormSection,
    FormSuggestion,
    SuggestValues,
)
from bot.commands.ionosctl_templates import Templates
from bot.domain.byte_sizes import SizeLimits, parse_gigabytes
from bot.domain.closed_choices import find_switch, list_choices, read_choice
from bot.domain.command_info import CommandEffect, CommandInfo
from bot.domain.plan import Consequences, Harm
from bot.domain.redaction import make_storable
from bot.domain.reply import Reply
from bot.domain.result import CommandResult
from bot.domain.stored_values import FrozenModel


class Arguments(FrozenModel):
    """The arguments of a command: one field each, described by the text behind it, which is its help.

    A field annotated with `Positional` is given by its place, every other one as `--name value` (`--name`
    alone for a yes or no, several times for a list). Sizes, closed choices and a yes or no are read as people
    and other tools write them.
    """

    @field_validator("*", mode="before")
    @classmethod
    def _read_as_written(cls, typed: object, field: ValidationInfo) -> object:
        info = cls.model_fields[field.field_name or ""]
        limits = size_limits(info)
        if limits is not None:
            return parse_gigabytes(typed, limits)
        if info.annotation is bool:
            switch = find_switch(typed)
            return typed if switch is None else switch
        choices = field_choices(info)
        return read_choice(typed, choices) if choices else typed


@dataclass(frozen=True, slots=True)
class Positional:
    """Marks a field that is given by its place. `rest` takes all remaining words as one text."""

    rest: bool = False


Picked = Literal[
    "cluster",
    "backup",
    "any-backup",
    "user",
    "database",
    "change",
    "reference",
    "report",
    "person",
    "channel",
    "time",
    "past",
    "future",
    "day",
    "hidden",
]


ListValues = Callable[[Any], Awaitable[Sequence[str]]]
"""From the `Context` of a command to the values that a person may pick for one of its fields."""


@dataclass(frozen=True, slots=True)
class Picks:
    """Marks a field whose value a form lets people search for, or pick from a calendar.

    `past` is a time that must not lie ahead, `future` one that must, `day` a date. A `reference` is one to a
    secret, as app.yaml allows it. A `hidden` field is for buttons: no form shows it. `list_values` is for
    what the handlers alone know.
    """

    what: Picked
    list_values: ListValues | None = None


TIMES: frozenset[Picked] = frozenset({"time", "past", "future"})
"""What is a time, to be typed or picked from a calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForm:
    """Marks how a form asks for a field, where its name and its description do not say it in form words.

    `hint` None is the description, empty is none. `unset` is the answer that leaves a closed choice out.
    `least` and `most` bound a number that the argument itself leaves to the API.
    """

    label: str = ""
    hint: str | None = None
    example: str = ""
    unset: str = ""
    least: int | None = None
    most: int | None = None


class ChangeArguments(Arguments):
    """The arguments that every change takes besides its own."""

    # Freed of secrets where it comes in: channels show it, and nothing can be taken out of the audit.
    reason: Annotated[
        str, AfterValidator(make_storable), InForm(hint="Shown to approvers and kept in the audit log.")
    ] = ""
    """Reason, for approvers and the audit log"""


Run = Callable[[Any, Any], Awaitable[Reply]]
"""From the arguments and the `Context` of a command to its answer. Both are named by the handler."""


class Task(StrEnum):
    """The tasks of the start page, in its order."""

    SEE = "See"
    CHANGE = "Change"
    RESTORE = "Restore"
    MIGRATE = "Migrate"
    REPORT = "Reports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(CommandInfo):
    """One `/pg` subcommand. `open_to_all` ones need no permission, such as help.

    `ionosctl` has the line of IONOS's own tool that does the same, for each API where one is known: see
    `bot.commands.ionosctl_templates`. The names there are `cluster` (its id), `region` and, for a change,
    those of the plan's order, else those of the arguments. A `repeatable` one, as every read is, can be run
    again after a crash: doing it twice comes to the same as once. `ask` knows what a form of it says.
    `synonyms`, `headline`, `layout` and `suggestion` are declared by the decorators below. `result` is the
    type of what it returns to programs.
    """

    summary: str
    details: str
    arguments: type[Arguments]
    run: Run
    repeatable: bool = False
    examples: tuple[str, ...] = field(default=())
    change: ChangeOperation | None = None
    ask_form: AskForm | None = None
    ionosctl: Templates = field(default_factory=dict)
    synonyms: tuple[str, ...] = ()
    headline: Task | None = None
    layout: FormLayout = ()
    suggestion: FormSuggestion | None = None
    result: type[CommandResult] = CommandResult

    def positionals(self) -> Iterator[tuple[str, FieldInfo, Positional]]:
        """Yield the fields given by place, in order."""
        for name, info in self.arguments.model_fields.items():
            mark = next((each for each in info.metadata if isinstance(each, Positional)), None)
            if mark is not None:
                yield name, info, mark

    def picks(self, name: str) -> Picked | None:
        """Return what a form picks for the field, where it says so."""
        mark = self._picks_mark(name)
        return mark.what if mark else None

    def lister(self, what: str) -> ListValues | None:
        """Return what lists the values of a field that picks this; None where the command has none."""
        marks = map(self._picks_mark, self.arguments.model_fields)
        return next((mark.list_values for mark in marks if mark and mark.what == what), None)

    def _picks_mark(self, name: str) -> Picks | None:
        marks = self.arguments.model_fields[name].metadata
        return next((mark for mark in marks if isinstance(mark, Picks)), None)

    def in_form(self, name: str) -> InForm:
        marks = self.arguments.model_fields[name].metadata
        return next((mark for mark in reversed(marks) if isinstance(mark, InForm)), InForm())

    def default(self, name: str) -> Any:
        """Return the value of the field where nothing is given; None for a required one."""
        info = self.arguments.model_fields[name]
        return None if info.is_required() else info.get_default()

    def describe(self, name: str) -> str:
        """Return a field's description without a full stop: that of its type, else the text behind it."""
        info = self.arguments.model_fields.get(name)
        words = info and (info.description or _read_descriptions(self.arguments).get(name))
        return (words or "a value").rstrip(".")

    def label(self, name: str) -> str:
        return self.in_form(name).label or name.replace("_", " ").capitalize()

    def find_errors(self, values: Mapping[str, Any]) -> list[ErrorDetails]:
        """Return what is wrong with the values of fields, without what was typed."""
        try:
            self.arguments.model_validate(dict(values))
        except ValidationError as error:
            return error.errors(include_input=False)
        return []

    def flags(self) -> Iterator[tuple[str, FieldInfo]]:
        """Yield the fields given by name, as they are typed: dashes for underscores."""
        placed = {name for name, _, _ in self.positionals()}
        for name, info in self.arguments.model_fields.items():
            if name not in placed:
                yield name.replace("_", "-"), info


def command(
    *,
    writes: bool = False,
    open_to_all: bool = False,
    repeatable: bool = False,
    examples: tuple[str, ...] = (),
    ionosctl: Templates = MappingProxyType({}),
) -> Callable[[Run], Command]:
    """Make a handler a command. Its words are the file's name, its help the docstring, its arguments
    the type of the first parameter."""

    return lambda run: replace(
        _declare(run, run),
        effect=CommandEffect.WRITE if writes else CommandEffect.READ,
        open_to_all=open_to_all,
        repeatable=repeatable or not writes,
        examples=examples,
        ionosctl=ionosctl,
    )


def _declare(handler: Run | Planner, run: Run) -> Command:
    """Return a command with the words, the help and the arguments of its handler."""
    summary, _, details = (inspect.getdoc(handler) or "").partition("\n")
    return Command(
        words=tuple(handler.__module__.rpartition(".")[2].split("_")),
        summary=summary.strip(),
        details=details.strip(),
        arguments=_arguments_type(handler),
        run=run,
    )


def form_prompt(ask: AskForm) -> Callable[[Command], Command]:
    """Make forms of a command say what `ask` returns."""
    return lambda command: replace(command, ask_form=ask)


def form_layout(*layout: FormSection | FormChoice) -> Callable[[Command], Command]:
    """Arrange the form of a command: sections with headings, and questions that decide what it shows."""
    return lambda command: replace(command, layout=layout)


def form_suggestion(make: SuggestValues, *on: str) -> Callable[[Command], Command]:
    """Fill a form in with the values that `make` returns, again whenever one of the fields `on` changes."""
    return lambda command: replace(command, suggestion=FormSuggestion(make, on))


def known_as(*synonyms: str) -> Callable[[Command], Command]:
    """Declare other words and phrases for a command, by which it is suggested; for a write, other verbs."""
    return lambda command: replace(command, synonyms=synonyms)


def headline(task: Task) -> Callable[[Command], Command]:
    """Name a command on the start page under a task, to which its group then belongs; see
    `bot.commands.start_page`."""
    return lambda command: replace(command, headline=task)


def returns(result: type[CommandResult]) -> Callable[[Command], Command]:
    """Declare what a command returns to programs: JSON, its schema, CSV and exit codes follow from it."""
    return lambda command: replace(command, result=result)


def hands_out(script: MakeScript) -> Callable[[Command], Command]:
    """Let a change hand out a psql script where the API lacks the operation and data can be lost by it."""
    return lambda command: replace(command, change=replace(_operation(command), script=script))


def consequences(
    harm: Harm, *, loses: str, undo: str, stops: tuple[str, ...] = ()
) -> Callable[[Command], Command]:
    """Declare what the changes of a command can lose; see `bot.domain.plan.Consequences`."""
    declared = Consequences(harm, loses, undo, stops)
    return lambda command: replace(command, change=replace(_operation(command), consequences=declared))


def _operation(command: Command) -> ChangeOperation:
    if command.change is None:
        raise TypeError(f"{command.name} is not a change")
    return command.change


def change(
    *,
    execute: Execute,
    probe: Probe = probe_cluster,
    schedulable: bool = False,
    examples: tuple[str, ...] = (),
    ionosctl: Templates = MappingProxyType({}),
) -> Callable[[Planner], Command]:
    """Make a planner a command. Running it proposes the plan; policy decides what has to happen before
    `execute` gets it. Its arguments derive from ChangeArguments."""

    def declare(plan: Planner) -> Command:
        async def run(arguments: Any, ctx: Any) -> Reply:
            planned = await plan(arguments, ctx)
            reason: str = arguments.reason
            reply: Reply = await ctx.changes.propose(planned, ctx.invocation, reason)
            return reply

        return replace(
            _declare(plan, run),
            result=ChangeResult,
            effect=CommandEffect.WRITE,
            schedulable=schedulable,
            examples=examples,
            change=ChangeOperation(plan=plan, execute=execute, probe=probe),
            ionosctl=ionosctl,
        )

    return declare


def size_limits(info: FieldInfo | None) -> SizeLimits | None:
    """Return the limits of a field that is a size in GB; None for any other field."""
    return next((each for each in (info.metadata if info else ()) if isinstance(each, SizeLimits)), None)


def is_time_field(info: FieldInfo | None) -> bool:
    marks = info.metadata if info else ()
    return any(isinstance(each, Picks) and each.what in {*TIMES, "day"} for each in marks)


def field_choices(info: FieldInfo | None) -> list[str]:
    """Return the words that a field takes, if it takes only some."""
    return [] if info is None else list_choices(info.annotation)


@cache
def _read_descriptions(arguments: type[Arguments]) -> dict[str, str]:
    """Return the texts behind the fields of a class and its bases.

    They are read when help or a form first needs them: pydantic's `use_attribute_docstrings` reads those of
    every class that is imported, which takes half a second for all commands.
    """
    kinds = reversed(arguments.__mro__[: arguments.__mro__.index(Arguments)])
    return {
        name: words
        for kind in kinds
        for name, words in _read_module(sys.modules[kind.__module__]).get(kind.__qualname__, {}).items()
    }


@cache
def _read_module(module: ModuleType) -> dict[str, dict[str, str]]:
    """Return the texts behind the fields of each class that a module declares."""
    classes = (node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef))
    return {node.name: dict(filter(None, starmap(_read_text, pairwise(node.body)))) for node in classes}


def _read_text(declared: ast.stmt, behind: ast.stmt) -> tuple[str, str] | None:
    match declared, behind:
        case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
            return name, words
    return None


def _arguments_type(run: Run | Planner) -> type[Arguments]:
    first = next(iter(inspect.signature(run).parameters))
    kind = get_type_hints(run)[first]
    if not (isinstance(kind, type) and issubclass(kind, Arguments)):
        raise TypeError(f"{run.__module__}: the first parameter must be typed with a subclass of Arguments")
    return kind


class Registry:
    """The commands there are, by their words, which the names of files tell.

    A handler is imported when its command is first asked for: one line in the terminal waits for no other.
    """

    def __init__(
        self, commands: Iterable[Command], modules: Mapping[tuple[str, ...], str] = MappingProxyType({})
    ) -> None:
        self._modules = modules
        self._commands = {each.words: each for each in commands}
        self.words = sorted({*self._commands, *modules})

    @classmethod
    def discover(cls, package: ModuleType) -> "Registry":
        """Return a registry of the commands of a package. Raises TypeError, where one is needed, for a module
        that declares none."""
        stems = (info.name for info in pkgutil.iter_modules(package.__path__) if not info.ispkg)
        return cls((), {tuple(stem.split("_")): f"{package.__name__}.{stem}" for stem in stems})

    def __iter__(self) -> Iterator[Command]:
        return filter(None, map(self.get, self.words))

    def get(self, words: tuple[str, ...]) -> Command | None:
        """Return the command of exactly these words."""
        if words not in self._commands and words in self._modules:
            self._commands[words] = _load_command(self._modules[words])
        return self._commands.get(words)

    def find_operation(self, name: str) -> ChangeOperation | None:
        """Return how the change of this command is made; None for a name that changes nothing here."""
        command = self.get(tuple(name.split()))
        return command.change if command else None

    def in_group(self, word: str) -> list[Command]:
        """Return the commands of one noun: `cluster` gives `cluster list`, `cluster show`, …"""
        return [each for words in self.words if words[0] == word and (each := self.get(words))]


def _load_command(name: str) -> Command:
    module = importlib.import_module(name)
    found = [each for each in vars(module).values() if isinstance(each, Command)]
    if len(found) != 1:
        raise TypeError(f"{module.__name__} must declare exactly one command, and declares {len(found)}")
    return replace(found[0], words=tuple(name.rpartition(".")[2].split("_")))
