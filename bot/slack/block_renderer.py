"""Parts of a reply as Block Kit blocks. Text from outside stays literal: no mentions, links or emoji."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from itertools import accumulate
from typing import TypeVar

from bot.domain.block_kit import slack_limits as limits
from bot.domain.reply import (
    Cell,
    Chart,
    Choice,
    Choices,
    Code,
    Fields,
    File,
    Mention,
    Note,
    Part,
    Table,
    Text,
    Warn,
    WorkItem,
    WorkList,
)
from bot.domain.reply_document import to_csv
from bot.domain.reply_text import draw_bars, format_cell
from bot.domain.table_columns import screen_table
from bot.domain.text_safety import DASH, escape_invisible, strip_invisible, strip_invisible_line
from bot.slack import mrkdwn
from bot.slack.message_budget import Block, MessageBudget

_LINE = 1_000
_SPANS = 40
_PAIRS = limits.SECTION_FIELDS // 2
_LABEL = 200
_TABLE_NOTE = 150
_BUTTONS = 100
_BELOW_TABLE = 2  # blocks: the note and the buttons
_MENTIONED = 20
_USER = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")
_CODE_SPAN = re.compile(r"`([^`\n]+)`")

_PAGE_SIZE = 10
_ROWS = limits.DATA_TABLE_ROWS - 1
_CAPTION = 150
_CELLS = (300, 60, 12)
"""Limits on a cell's characters, tried in turn until every row fits; the one with most rows wins."""

RUN, TURN = "run", "turn"
"""Prefixes of a button's action id: both run its command, the second in place of the message shown."""

T = TypeVar("T")


def literal(text: str) -> Block:
    """Return a text object that shows exactly `text`."""
    return {"type": "plain_text", "text": text, "emoji": False}


def markdown(text: str) -> Block:
    """Return a text object in Slack's markup for escaped text; nothing in it becomes a link."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def context(*texts: str) -> Block:
    """Return a line of small grey text."""
    return {"type": "context", "elements": [literal(text) for text in texts]}


def rich(*elements: Block) -> Block:
    """Return a paragraph of rich text, whose parts Slack does not parse."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def emoji(name: str) -> Block:
    """Return an emoji by its name; put a word beside it for screen readers."""
    return {"type": "emoji", "name": name}


def bold(text: str) -> Block:
    return {"type": "text", "text": text, "style": {"bold": True}}


@singledispatch
def render_part(part: Part, budget: MessageBudget) -> list[Block]:  # noqa: ARG001  registered functions use the part
    """Return the blocks of one part within the budget. A part without a renderer is only in the file."""
    budget.is_cut = True
    return []


@render_part.register
def _(part: File, budget: MessageBudget) -> list[Block]:
    budget.attach(part.name, part.content)
    return []


@render_part.register
def _(part: Text, budget: MessageBudget) -> list[Block]:
    text = budget.fit(strip_invisible(part.text).strip(), limits.TEXT_OBJECT)
    return budget.place(rich(*_spans(text))) if text else []


def render_warnings(budget: MessageBudget, run: Sequence[Warn]) -> list[Block]:
    """Put all warnings into one block, one a line."""
    lines: list[Block] = []
    for warning in run:
        text = budget.fit(strip_invisible(warning.text).strip(), _LINE)
        line = rich(emoji("warning"), bold(" Warning: "), *_spans(text))
        lines += line["elements"] if text and budget.spend(line) else []
    return budget.place({"type": "rich_text", "elements": lines}, is_paid=True) if lines else []


def render_notes(budget: MessageBudget, run: Sequence[Note]) -> list[Block]:
    """Put as many notes into each block as Slack takes."""
    texts = [text for note in run if (text := strip_invisible(note.text).strip())]
    blocks = []
    for some in _batches(texts, limits.CONTEXT_ELEMENTS):
        most = min(_LINE, budget.characters // len(some))
        shown = [line for text in some if (line := budget.fit(text, most))]
        blocks += budget.place(context(*shown)) if shown else []
    return blocks


@render_part.register
def _(part: Fields, budget: MessageBudget) -> list[Block]:
    """Put names to the left and values to the right; Slack stacks them on a narrow screen."""
    blocks = []
    for some in _batches(part.pairs, _PAIRS):
        most = min(int(limits.SECTION_FIELD), budget.characters // len(some) - _LABEL)
        cells = []
        for name, value in some:
            cells.append(_titled(mrkdwn.fit(strip_invisible_line(name) or DASH, _LABEL)))
            cells.append(
                literal(budget.fit(strip_invisible(format_cell(value)).strip() or DASH, most) or DASH)
            )
        blocks += budget.place({"type": "section", "fields": cells})
    return blocks


@render_part.register
def _(part: Code, budget: MessageBudget) -> list[Block]:
    text = escape_invisible(part.text).strip("\n")
    if not text.strip():
        return []
    shown = budget.fit(text, limits.TEXT_OBJECT, is_kept=True)
    blocks = budget.place(_preformatted(shown)) if shown.strip() else []
    if shown == text and blocks:
        return blocks
    name = budget.attach("output.txt", part.text.encode(errors="replace"))
    return blocks + budget.place(context(f"Only the beginning is shown; {name} has all of it."))


@render_part.register
def _(part: Choices, budget: MessageBudget) -> list[Block]:
    usable = [choice for choice in part.choices if _is_usable(choice)]
    blocks = []
    for some in _batches(usable, limits.ACTIONS_ELEMENTS):
        blocks += budget.place({"type": "actions", "elements": [_button(budget, choice) for choice in some]})
    missing = len(part.choices) - len(usable)
    if missing:
        note = f"Buttons left out: {missing}. Their commands are too long for Slack; type them instead."
        blocks += budget.place(context(note))
    return blocks


@render_part.register
def _(part: WorkList, budget: MessageBudget) -> list[Block]:
    """Return a header, each item with its buttons, and the buttons to the other items."""
    caption = mrkdwn.fit(strip_invisible_line(part.caption) or DASH, limits.HEADER_TEXT)
    blocks = budget.place({"type": "header", "text": literal(caption)})
    for item in part.items:
        blocks += _item_blocks(item, budget)
    empty = budget.fit(strip_invisible(part.empty).strip(), _LINE)
    blocks += budget.place(context(empty)) if empty and not part.items else []
    pages = [_button(budget, choice, TURN) for choice in part.pages if _is_usable(choice)]
    return blocks + (budget.place({"type": "actions", "elements": pages}) if pages else [])


def _item_blocks(item: WorkItem, budget: MessageBudget) -> list[Block]:
    """Return an item's text with its buttons below, or a single one beside it."""
    title = budget.fit(strip_invisible_line(item.title), _LINE) or DASH
    lines = "".join(f"\n{strip_invisible_line(line)}" for line in item.lines)
    lines = budget.fit(lines, limits.TEXT_OBJECT - _LINE - _LABEL) if lines else ""
    usable = [choice for choice in item.choices if _is_usable(choice)]
    if len(usable) == 1:
        button = _button(budget, usable[0])
        return budget.place({"type": "section", "text": _titled(title, lines), "accessory": button})
    blocks = budget.place(rich(bold(title), *_spans(lines)))
    buttons = [_button(budget, choice) for choice in usable[: limits.ACTIONS_ELEMENTS]]
    return blocks + (budget.place({"type": "actions", "elements": buttons}) if blocks and buttons else [])


def _titled(title: str, lines: str = "") -> Block:
    """Put the title in bold, or leave all of it plain if Slack would read formatting in it."""
    if mrkdwn.FORMATTING.search(title + lines):
        return literal(title + lines)
    return markdown(f"*{mrkdwn.entities(title)}*{mrkdwn.entities(lines)}")


@render_part.register
def _(part: Mention, budget: MessageBudget) -> list[Block]:
    """Return the only block that notifies people; skip ids of neither a user nor a user group."""
    elements: list[Block] = []
    for each in part.people[:_MENTIONED]:
        if _USER.fullmatch(each):
            elements += [{"type": "user", "user_id": each}, {"type": "text", "text": " "}]
        elif _GROUP.fullmatch(each):
            elements += [{"type": "usergroup", "usergroup_id": each}, {"type": "text", "text": " "}]
    return budget.place(rich(*elements)) if elements else []


@render_part.register
def _(part: Chart, budget: MessageBudget) -> list[Block]:
    """Return Slack's own chart if it takes one, else bars as in the terminal."""
    block = _chart_block(part) if budget.charts else None
    if block is None:
        return budget.place(_preformatted(budget.fit(draw_bars(part), limits.TEXT_OBJECT) or DASH))
    placed = budget.place(block)
    budget.charts -= len(placed)
    return placed


def _chart_block(chart: Chart) -> Block | None:
    """Return the block with as many points as Slack takes, picked evenly; None if Slack cannot show it."""
    points = _pick_points(chart)
    names = _distinct_names([name for name, _ in chart.series[: limits.CHART_SERIES]], "series")
    if not points or not names:
        return None
    labels = _distinct_names([chart.labels[index] for index in points], "point")
    series = [
        {"name": name, "data": [_point(label, values[at]) for label, at in zip(labels, points, strict=True)]}
        for name, (_, values) in zip(names, chart.series, strict=False)
    ]
    return {
        "type": "data_visualization",
        "title": mrkdwn.fit(strip_invisible_line(chart.caption), limits.CHART_TITLE) or "Chart",
        "chart": {"type": chart.kind, "series": series, "axis_config": {"categories": labels}},
    }


def _point(label: str, value: float) -> dict[str, str | float]:
    return {"label": label, "value": value}


def _pick_points(chart: Chart) -> list[int]:
    """Return indexes at which every series has a number, the first and the last one included."""
    whole = [
        index
        for index in range(len(chart.labels))
        if all(index < len(values) and math.isfinite(values[index]) for _, values in chart.series)
    ]
    if len(whole) <= limits.CHART_POINTS:
        return whole
    step = (len(whole) - 1) / (limits.CHART_POINTS - 1)
    return [whole[round(number * step)] for number in range(limits.CHART_POINTS)]


def _distinct_names(names: list[str], word: str) -> list[str]:
    """Return names that are short enough for Slack, not empty and all different."""
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        short = mrkdwn.fit(strip_invisible_line(name), limits.CHART_LABEL) or f"{word} {number}"
        candidate, count = short, number
        while candidate in found:
            ending = f" {count}"
            candidate = mrkdwn.fit(short, limits.CHART_LABEL - len(ending)) + ending
            count += 1
        found.append(candidate)
    return found


@dataclass(frozen=True, slots=True)
class FittedTable:
    """A `data_table` block, None if not even one row fits, and the part of the table that it shows."""

    block: Block | None
    rows: int
    columns: int
    all_columns: int
    is_cut: bool
    """A row, a column or the end of a cell is missing."""


def render_table(budget: MessageBudget, table: Table, share: int) -> list[Block]:
    """Return the table within `share` characters, and attach a CSV file if something is missing."""
    if not table.rows:
        return budget.place(rich({"type": "text", "text": f"{_caption(table)}: none"}))
    fit = _fit_table(table, share - _TABLE_NOTE - (_BUTTONS if table.again else 0))
    blocks = budget.place(fit.block) if fit.block and budget.blocks > _BELOW_TABLE else []
    buttons = _paging_buttons(budget, table, fit.rows) if blocks else []
    if blocks and not fit.is_cut and not table.skipped:
        return blocks
    # The file came with the first page; further pages bring no second copy.
    name = "" if table.skipped else budget.attach(f"{table.name}.csv", to_csv(table))
    return blocks + budget.place(context(_missing_note(table, fit if blocks else None, name))) + buttons


def _paging_buttons(budget: MessageBudget, table: Table, shown: int) -> list[Block]:
    """Return buttons to the next and the first rows if the table's command can show them."""
    choices = []
    if table.again and table.skipped:
        choices.append(Choice("First rows", table.again))
    if table.again and shown < len(table.rows):
        choices.append(Choice("Next rows", f"{table.again} --skip {table.skipped + shown}"))
    buttons = [_button(budget, choice, TURN) for choice in choices if _is_usable(choice)]
    return budget.place({"type": "actions", "elements": buttons}) if buttons else []


def _missing_note(table: Table, fit: FittedTable | None, name: str) -> str:
    where = f"{name} has everything" if name else "the file that came with the first rows has everything"
    if fit is None:
        return mrkdwn.fit(f"{_caption(table)}: {len(table.rows):,} rows; {where}.", _TABLE_NOTE)
    first, last, total = table.skipped + 1, table.skipped + fit.rows, table.skipped + len(table.rows)
    shown = "Long values are shortened"
    if table.skipped:
        shown = f"Showing rows {first:,} to {last:,} of {total:,}"
    elif fit.rows < len(table.rows):
        shown = f"Showing {fit.rows:,} of {len(table.rows):,} rows"
    elif fit.columns < fit.all_columns:
        shown = f"Showing {fit.columns} of {fit.all_columns} columns"
    return mrkdwn.fit(f"{shown}; {where}.", _TABLE_NOTE)


def _caption(table: Table) -> str:
    return mrkdwn.fit(strip_invisible_line(table.caption) or "Table", _CAPTION)


def full_cost(table: Table) -> int:
    """Return the characters of the longest form of `table` that any budget allows."""
    rows = _shortened(_cell_texts(screen_table(table)), _CELLS[0])
    return mrkdwn.cost(_caption(table)) + sum(mrkdwn.cost(cell) for row in rows for cell in row)


def _fit_table(table: Table, characters: int) -> FittedTable:
    """Fit the table into `characters`, its names and values literal."""
    table = screen_table(table)
    shown = _cell_texts(table)
    limit, rows = _best_rows(shown, characters - mrkdwn.cost(_caption(table)))
    columns = min(len(table.columns), limits.TABLE_COLUMNS)
    if len(rows) < 2 or columns == 0:
        return FittedTable(None, 0, columns, len(table.columns), is_cut=True)
    whole = len(rows) == len(table.rows) + 1 and columns == len(table.columns)
    is_cut = not whole or any(mrkdwn.cost(cell) > limit for row in shown for cell in row)
    block = {
        "type": "data_table",
        "caption": _caption(table),
        "page_size": _PAGE_SIZE,
        "row_header_column_index": 0,
        "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows],
    }
    return FittedTable(block, len(rows) - 1, columns, len(table.columns), is_cut)


def _best_rows(shown: list[list[str]], budget: int) -> tuple[int, list[list[str]]]:
    """Return the highest limit on a cell under which most rows fit, and those rows."""
    best: tuple[int, list[list[str]]] = (_CELLS[0], [])
    for limit in _CELLS:
        rows = _shortened(shown, limit)
        costs = accumulate(sum(map(mrkdwn.cost, row)) for row in rows)
        rows = rows[: sum(cost <= budget for cost in costs)]
        if len(rows) > len(best[1]):
            best = limit, rows
        if len(rows) == len(shown):
            break
    return best


def _cell_texts(table: Table) -> list[list[str]]:
    rows: Sequence[Sequence[Cell]] = (table.labels, *table.rows[:_ROWS])
    return [
        [strip_invisible_line(format_cell(cell)) or DASH for cell in row[: limits.TABLE_COLUMNS]]
        for row in rows
    ]


def _shortened(rows: list[list[str]], limit: int) -> list[list[str]]:
    return [[mrkdwn.fit(cell, limit) for cell in row] for row in rows]


def _spans(text: str) -> list[Block]:
    """Put text between backticks into code style, unless it has suspiciously many backticks."""
    pieces = _CODE_SPAN.split(text)
    if len(pieces) > 2 * _SPANS:
        return [{"type": "text", "text": text}]
    styles: tuple[Block, Block] = ({}, {"style": {"code": True}})
    return [{"type": "text", "text": piece, **styles[n % 2]} for n, piece in enumerate(pieces) if piece]


def _preformatted(text: str) -> Block:
    code = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [code]}


def _is_usable(choice: Choice) -> bool:
    """Return whether a button can carry the exact command, which must not be cut or cleaned."""
    command = choice.command
    is_short = 0 < len(command.strip()) <= len(command) <= limits.BUTTON_VALUE
    return is_short and command == strip_invisible(command)


def _button(budget: MessageBudget, choice: Choice, kind: str = RUN) -> Block:
    budget.buttons += 1
    label = strip_invisible_line(choice.label) or strip_invisible_line(choice.command)
    return {
        "type": "button",
        "action_id": f"{kind}:{budget.buttons}",
        "text": literal(mrkdwn.fit(label, limits.LABEL)),
        "value": choice.command,
        **({"style": "primary"} if choice.primary else {}),
    }


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
