"""Drawing of an answer's blocks on a terminal, with rich. Loaded only where there is one."""

import io
import json
from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.domain.text_safety import escape_invisible, escape_invisible_line
from bot.programs.terminal_protocol import ProtocolError
from bot.programs.terminal_screen import TerminalScreen

STYLES = {"title": "bold", "error": "bold red", "warning": "yellow", "note": "dim", "text": ""}

_GOOD, _BAD, _OPEN = "green", "red", "yellow"

STATES = {
    **dict.fromkeys(("AVAILABLE", "ready", "off v1", "done", "succeeded"), _GOOD),
    **dict.fromkeys(("FAILED", "DESTROYING", "blocked", "failed", "denied", "outcome unknown"), _BAD),
    **dict.fromkeys(
        ("BUSY", "DEGRADED", "UNKNOWN", "PROVISIONING", "UPDATING", "needs work", "inconclusive", "running"),
        _OPEN,
    ),
    "still on v1": _OPEN,
}
"""Colours of cells that are just one of these words."""


def draw_answer(text: str, screen: TerminalScreen) -> str:
    """Return an answer's blocks as text for this screen. Raises ProtocolError for anything else.

    Nothing in them is markup, and control characters are written out: names come from strangers.
    """
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=screen.columns,
        color_system="standard" if screen.colours else None,
        force_terminal=screen.colours,
        no_color=not screen.colours,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    try:
        before = ""
        for block in json.loads(text):
            kind = str(block["kind"])
            if before and not before == kind in {"note", "warning"}:
                console.print()
            console.print(_draw(kind, block), soft_wrap=kind == "code")
            before = kind
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise ProtocolError("The other end sent an answer that cannot be drawn.") from None
    return "\n".join(line.rstrip() for line in buffer.getvalue().split("\n")).rstrip("\n")


def _draw(kind: str, block: Mapping[str, Any]) -> RenderableType:
    if kind == "table":
        return _draw_table(block)
    if kind == "fields":
        return _draw_fields(block)
    return Text(escape_invisible(str(block["text"])), style=STYLES.get(kind, ""))


def _draw_fields(block: Mapping[str, Any]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in block["rows"]:
        grid.add_row(_cell(f"{name}:"), _draw_value(value))
    return grid


def _draw_table(block: Mapping[str, Any]) -> RenderableType:
    table = Table(
        title=Text(escape_invisible_line(str(block["text"])), style="bold"),
        title_justify="left",
        caption_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for label, side in zip(block["labels"], block["sides"], strict=True):
        table.add_column(_cell(label), justify="right" if side == ">" else "left", overflow="fold")
    for row in block["rows"]:
        table.add_row(*map(_draw_value, row))
    if hidden := [escape_invisible_line(str(each)) for each in block["hidden"]]:
        table.caption = Text(f"More columns with --wide: {', '.join(hidden)}", style="dim")
    return Padding(table, 0)


def _cell(words: Any) -> Text:
    return Text(escape_invisible_line(str(words)))


def _draw_value(words: Any) -> Text:
    return Text(escape_invisible_line(str(words)), style=STATES.get(str(words), ""))
