"""Replies as blocks of a modal or a Home tab, where Slack takes other blocks than in a message."""

from datetime import datetime

from bot.domain.block_kit import slack_limits as limits
from bot.domain.reply import Choices, Fields, Note, Part, Reply, Table, Text, Warn, WorkList
from bot.domain.reply_text import format_cell
from bot.domain.table_columns import screen_table
from bot.domain.text_safety import DASH, strip_invisible_line
from bot.slack import mrkdwn
from bot.slack.block_renderer import (
    bold,
    context,
    literal,
    render_notes,
    render_part,
    render_warnings,
    rich,
)
from bot.slack.local_times import localize
from bot.slack.message_budget import Block, MessageBudget

_TITLE = 1_000
_ROWS = 20
"""Rows of a table; the command's own answer has more."""


def modal_blocks(reply: Reply) -> list[Block]:
    """Return the reply without buttons, charts and files, which a modal cannot show."""
    budget = MessageBudget()
    title = rich(bold(budget.fit(strip_invisible_line(reply.title) or DASH, _TITLE)))
    parts = [part for part in reply.parts if not isinstance(part, Choices)]
    return localize([*budget.place(title), *(block for part in parts for block in _render(part, budget))])


def home_blocks(reply: Reply, at: datetime) -> list[Block]:
    """Return a header and the parts with their buttons, as of a time that each reader sees in their zone."""
    budget = MessageBudget(characters=30_000, blocks=limits.VIEW_BLOCKS - 2)
    blocks: list[Block] = budget.place({"type": "header", "text": literal(_fit_title(reply.title))})
    for part in reply.parts:
        has_buttons = isinstance(part, Choices | WorkList)
        blocks += render_part(part, budget) if has_buttons else _render(part, budget)
    blocks.append(context(f"Updated {format_cell(at)}."))
    return localize([{**block, "block_id": f"home:{number}"} for number, block in enumerate(blocks, 1)])


def _fit_title(title: str) -> str:
    return mrkdwn.fit(strip_invisible_line(title) or DASH, limits.HEADER_TEXT)


def _render(part: Part, budget: MessageBudget) -> list[Block]:
    if isinstance(part, Warn):
        return render_warnings(budget, [part])
    if isinstance(part, Note):
        return render_notes(budget, [part])
    if isinstance(part, Table):
        return _table_lines(part, budget)
    return render_part(part, budget) if isinstance(part, Text | Fields) else []


def _table_lines(table: Table, budget: MessageBudget) -> list[Block]:
    """Render a line for each row: its first cell in bold, then the others."""
    table = screen_table(table)
    caption = rich(bold(budget.fit(strip_invisible_line(table.caption), _TITLE) or DASH))
    elements: list[Block] = caption["elements"] if budget.spend(caption) else []
    for row in table.rows[:_ROWS]:
        first, *others = [strip_invisible_line(format_cell(cell)) or DASH for cell in row] or [DASH]
        rest = " → ".join(others) if table.columns[1:] == ("Before", "After") else " · ".join(others)
        line = rich(bold(f"{first} "), {"type": "text", "text": budget.fit(rest, 500) or DASH})
        elements += line["elements"] if budget.spend(line) else []
    blocks = budget.place({"type": "rich_text", "elements": elements}, is_paid=True) if elements else []
    left = len(table.rows) - _ROWS
    return blocks + (budget.place(context(f"and {left:,} more")) if left > 0 else [])
