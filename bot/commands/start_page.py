"""The start page: a few lines by task, of what one person may run."""

from collections.abc import Collection

from bot.commands.declaration import Command, Task
from bot.domain.command_info import CommandEffect
from bot.domain.reply import Choice, Choices, Fields, Note, Part, Reply

EVERYTHING = "all"
"""The topic of help under which all commands are listed."""

TOPICS = dict(zip(Task, ("reading", "changing", "restoring", "migrating", "reporting"), strict=True))
"""The topics of help that list one task: other words than commands begin with."""

_SHOWN = ("read commands", "change commands", "restore commands", "migration commands", "report commands")
_BUTTONS = {task: f"Show {shown}" for task, shown in zip(Task, _SHOWN, strict=True)}


def show_start_page(available: Collection[Command], commands: Collection[Command], line: str) -> Reply:
    """Return the page with the headlines of each task among the `available` commands, with buttons to the
    rest. `line` is the start of a command here."""
    tasks = {task: list_task(task, available, commands) for task in Task}
    shown = {task: found for task, found in tasks.items() if found}
    lines = Fields(tuple((str(task), _list_headlines(found)) for task, found in shown.items()))
    buttons = [Choice(_BUTTONS[task], f"help {TOPICS[task]}") for task in shown]
    parts: tuple[Part, ...] = (
        lines,
        Choices((*buttons, Choice("Show all commands", f"help {EVERYTHING}"))),
        Note(f"{line} <command> -h explains a command. Your own words work too: {line} show orders-prod"),
    )
    return Reply("What you can do here", parts)


def list_task(task: Task, available: Collection[Command], commands: Collection[Command]) -> list[Command]:
    """Return the available commands of a task. The others of `commands` say what a group belongs to."""
    return [each for each in available if find_task(each, commands) is task]


def find_task(command: Command, commands: Collection[Command]) -> Task:
    """Return the task of a command: its own, the only one of its group, or the one of its effect."""
    if command.headline is not None:
        return command.headline
    tasks = {each.headline for each in commands if each.group == command.group} - {None}
    if len(tasks) == 1:
        return next(filter(None, tasks))
    return Task.SEE if command.effect is CommandEffect.READ else Task.CHANGE


def list_hints(commands: Collection[Command]) -> list[str]:
    """Return the first headline of each task, in the order of the tasks."""
    found = (next((each.name for each in commands if each.headline is task), "") for task in Task)
    return list(filter(None, found))


def _list_headlines(commands: list[Command]) -> str:
    named = [each.name for each in commands if each.headline is not None]
    named = named or [each.name for each in commands[:4]]
    more = len(commands) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
