"""A reply inside a modal or a Home tab, where Slack takes other blocks than in a message."""

from collections.abc import Sequence
from itertools import count

from bot.domain.block_kit import slack_limits as limits
from bot.domain.reply import Choices, Fields, Note, Part, Reply, Table, Text, Warn
from bot.domain.reply_text import words
from bot.domain.text_safety import DASH, stripped_line
from bot.slack import mrkdwn
from bot.slack.block_renderer import bold, context, draw, draw_notes, draw_warnings, literal, rich
from bot.slack.message_budget import Block, MessageBudget

_TITLE = 1_000
_ROWS = 20
"""Rows of a table; whoever needs more asks for the command's own answer."""


def in_modal(reply: Reply) -> list[Block]:
    """What a modal can show of the reply: everything but buttons, charts and files."""
    page = MessageBudget()
    title = rich(bold(page.fit(stripped_line(reply.title) or DASH, _TITLE)))
    parts = [part for part in reply.parts if not isinstance(part, Choices)]
    return [*page.place(title), *(block for part in parts for block in _drawn(part, page))]


def in_home(replies: Sequence[Reply]) -> list[Block]:
    """A section for each reply: a header, and its parts with their buttons."""
    page = MessageBudget(characters=30_000, blocks=limits.VIEW_BLOCKS - 1)
    numbers = count(1)
    blocks: list[Block] = []
    for reply in replies:
        blocks += page.place({"type": "header", "text": literal(_fitting(reply.title))})
        for part in reply.parts:
            drawn = draw(part, page) if isinstance(part, Choices) else _drawn(part, page)
            blocks += [_named(block, next(numbers)) for block in drawn]
    return blocks


def _fitting(title: str) -> str:
    return mrkdwn.fit(stripped_line(title) or DASH, limits.HEADER_TEXT)


def _named(block: Block, number: int) -> Block:
    return {**block, "block_id": f"home:{number}"}


def _drawn(part: Part, page: MessageBudget) -> list[Block]:
    if isinstance(part, Warn):
        return draw_warnings(page, [part])
    if isinstance(part, Note):
        return draw_notes(page, [part])
    if isinstance(part, Table):
        return _lines(part, page)
    return draw(part, page) if isinstance(part, Text | Fields) else []


def _lines(table: Table, page: MessageBudget) -> list[Block]:
    """A line for each row: its first cell in bold, the others behind it."""
    caption = rich(bold(page.fit(stripped_line(table.caption), _TITLE) or DASH))
    elements: list[Block] = caption["elements"] if page.spend(caption) else []
    for row in table.rows[:_ROWS]:
        first, *others = [stripped_line(words(cell)) or DASH for cell in row] or [DASH]
        rest = " → ".join(others) if table.columns[1:] == ("Now", "Then") else " · ".join(others)
        line = rich(bold(f"{first} "), {"type": "text", "text": page.fit(rest, 500) or DASH})
        elements += line["elements"] if page.spend(line) else []
    blocks = page.place({"type": "rich_text", "elements": elements}, is_paid=True) if elements else []
    left = len(table.rows) - _ROWS
    return blocks + (page.place(context(f"and {left:,} more")) if left > 0 else [])
