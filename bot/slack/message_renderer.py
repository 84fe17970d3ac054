"""A reply as a Slack message within Slack's limits, and as the blocks of a modal or a Home tab.

What a message has no room for is sent as a file.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.block_kit import slack_limits as limits
from bot.domain.reply import (
    Chart,
    Choices,
    Code,
    Fields,
    File,
    Mention,
    Note,
    Part,
    Reply,
    Table,
    Text,
    Warn,
    WorkList,
)
from bot.domain.reply_text import format_cell, render_plain, summarize
from bot.domain.table_columns import screen_table
from bot.domain.text_safety import DASH, strip_invisible_line
from bot.domain.times import say_in_utc
from bot.runtime.logger import get_logger
from bot.slack import mrkdwn
from bot.slack.block_renderer import (
    bold,
    context,
    emoji,
    full_cost,
    literal,
    markdown,
    render_notes,
    render_part,
    render_table,
    render_warnings,
    rich,
)
from bot.slack.local_times import localize
from bot.slack.message_budget import CHARACTERS, Block, MessageBudget, message_problems

_TEXT_BYTES = 3_900
"""Room for the top-level text, below `limits.EPHEMERAL_TEXT_BYTES`."""
_TITLE = 1_000
_CLOSING = 300
_WHOLE = "reply.txt"
_FENCED = 2_900
_VIEW_ROWS = 20
"""Rows of a table in a view; the command's own answer has more."""

_ORDER = (File, Warn, Mention, Choices, WorkList, Text, Fields, Note, Code, Chart)
"""The parts that get room first; tables share what is left."""

_log = get_logger()


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """One message for Slack: `text` states the essentials on its own, `files` go by direct message.

    `source` is the reply it was made from, for `plain_message` if Slack refuses this one.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    files: tuple[File, ...] = ()
    source: Reply | None = field(default=None, repr=False, compare=False)

    def payload(self) -> dict[str, Any]:
        """Return `text` and `blocks`, if there are any, as Slack's methods take them."""
        return {"text": self.text, **({"blocks": list(self.blocks)} if self.blocks else {})}


def render(reply: Reply) -> SlackMessage:
    """Return the reply with everything that Slack can show. Never raises, never exceeds a limit."""
    budget = MessageBudget()
    title = _title_blocks(budget, reply)
    parts = _part_blocks(budget, reply.parts)
    if budget.is_cut:
        budget.attach(_WHOLE, render_plain(reply, is_whole=True).encode())
    message = SlackMessage(
        _summary_text(reply), (*title, *parts, *_files_note(budget)), tuple(budget.files), reply
    )
    refused = message_problems(message.payload())
    if not refused:
        local = replace(message, blocks=tuple(localize(message.blocks)))
        # Dates are longer than what they stand for: a full message keeps UTC.
        return message if message_problems(local.payload()) else local
    _log.error("message_exceeds_limits", problems=[str(problem) for problem in refused[:5]])
    return plain_message(reply)


def plain_message(reply: Reply) -> SlackMessage:
    """Return the reply as monospace text in sections only, for when Slack refused the real message."""
    budget = MessageBudget()
    for part in reply.parts:
        if isinstance(part, File):
            budget.attach(part.name, part.content)
    text = say_in_utc(render_plain(reply))
    most = CHARACTERS // limits.TEXT_OBJECT
    chunks = _chunks(mrkdwn.unfenced(text.rstrip("\n")), _FENCED, most + 1)
    if len(chunks) > most:
        budget.is_cut = True
        budget.attach(_WHOLE, render_plain(reply, is_whole=True).encode())
    texts = [markdown(f"```\n{mrkdwn.entities(chunk)}\n```") for chunk in chunks[:most]]
    texts += [block["elements"][0] for block in _files_note(budget)]
    sections = tuple({"type": "section", "text": text_object} for text_object in texts)
    return SlackMessage(_summary_text(reply), sections, tuple(budget.files))


def _summary_text(reply: Reply) -> str:
    return mrkdwn.escape(mrkdwn.fit_octets(say_in_utc(summarize(reply)), _TEXT_BYTES))


def _title_blocks(budget: MessageBudget, reply: Reply) -> list[Block]:
    title = strip_invisible_line(reply.title) or DASH
    if reply.ok and len(title) <= limits.HEADER_TEXT:
        return budget.place({"type": "header", "text": literal(title)})
    title = budget.fit(title, _TITLE)
    return budget.place(rich(bold(title)) if reply.ok else rich(emoji("x"), bold(f" Error: {title}")))


def _part_blocks(budget: MessageBudget, parts: Sequence[Part]) -> list[Block]:
    """Give out room by importance, and keep the order of the parts."""
    runs = [tuple(run) for _, run in itertools.groupby(parts, _run_key())]
    rendered: dict[int, list[Block]] = {}
    for kind in _ORDER:
        for index, run in enumerate(runs):
            if isinstance(run[0], kind):
                rendered[index] = _render_run(budget, run)
    rendered |= _render_tables(
        budget, {index: run[0] for index, run in enumerate(runs) if isinstance(run[0], Table)}
    )
    return [block for index in sorted(rendered) for block in rendered[index]]


def _run_key() -> Callable[[Part], object]:
    """Group neighbouring warnings and neighbouring notes; every other part is alone."""
    numbers = itertools.count()
    return lambda part: type(part) if isinstance(part, Warn | Note) else next(numbers)


def _render_run(budget: MessageBudget, run: Sequence[Part]) -> list[Block]:
    if isinstance(run[0], Warn):
        return render_warnings(budget, [part for part in run if isinstance(part, Warn)])
    if isinstance(run[0], Note):
        return render_notes(budget, [part for part in run if isinstance(part, Note)])
    return render_part(run[0], budget)


def _render_tables(budget: MessageBudget, by_index: Mapping[int, Table]) -> dict[int, list[Block]]:
    """Render the smallest first: each takes at most an equal share of what is left."""
    smallest_first = sorted(by_index, key=lambda index: full_cost(by_index[index]))
    rendered = {}
    for done, index in enumerate(smallest_first):
        share = budget.characters // (len(by_index) - done)
        rendered[index] = render_table(budget, by_index[index], share)
    return rendered


def _files_note(budget: MessageBudget) -> list[Block]:
    if not budget.files:
        return []
    shortened = "Shortened for Slack. " if budget.is_cut else ""
    names = ", ".join(file.name for file in budget.files)
    return [context(mrkdwn.fit(f"{shortened}Sent by direct message: {names}", _CLOSING))]


def _chunks(text: str, limit: int, most: int) -> list[str]:
    """Split into whole lines where possible, each chunk costing at most `limit` characters in Slack.

    The chunks after `most` are left out: a text of megabytes goes into a file.
    """
    worst = limit // mrkdwn.cost("&")
    chunks = [""]
    for line in text[: limit * most].split("\n"):
        whole = mrkdwn.cost(line) <= limit
        pieces = [line] if whole else [line[at : at + worst] for at in range(0, len(line), worst)]
        for piece in pieces:
            fuller = f"{chunks[-1]}\n{piece}" if chunks[-1] else piece
            if mrkdwn.cost(fuller) <= limit:
                chunks[-1] = fuller
            else:
                chunks.append(piece)
    return chunks


def modal_blocks(reply: Reply) -> list[Block]:
    """Return the reply without buttons, charts and files, which a modal cannot show."""
    budget = MessageBudget()
    title = rich(bold(budget.fit(strip_invisible_line(reply.title) or DASH, _TITLE)))
    parts = [part for part in reply.parts if not isinstance(part, Choices)]
    return localize(
        [*budget.place(title), *(block for part in parts for block in _render_in_view(part, budget))]
    )


def home_blocks(reply: Reply, at: datetime) -> list[Block]:
    """Return a header and the parts with their buttons, as of a time that each reader sees in their zone."""
    budget = MessageBudget(characters=30_000, blocks=limits.VIEW_BLOCKS - 2)
    title = mrkdwn.fit(strip_invisible_line(reply.title) or DASH, limits.HEADER_TEXT)
    blocks = budget.place({"type": "header", "text": literal(title)})
    for part in reply.parts:
        has_buttons = isinstance(part, Choices | WorkList)
        blocks += render_part(part, budget) if has_buttons else _render_in_view(part, budget)
    blocks.append(context(f"Updated {format_cell(at)}."))
    return localize([{**block, "block_id": f"home:{number}"} for number, block in enumerate(blocks, 1)])


def _render_in_view(part: Part, budget: MessageBudget) -> list[Block]:
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
    for row in table.rows[:_VIEW_ROWS]:
        first, *others = [strip_invisible_line(format_cell(cell)) or DASH for cell in row] or [DASH]
        rest = " → ".join(others) if table.columns[1:] == ("Before", "After") else " · ".join(others)
        line = rich(bold(f"{first} "), {"type": "text", "text": budget.fit(rest, 500) or DASH})
        elements += line["elements"] if budget.spend(line) else []
    blocks = budget.place({"type": "rich_text", "elements": elements}, is_paid=True) if elements else []
    left = len(table.rows) - _VIEW_ROWS
    return blocks + (budget.place(context(f"and {left:,} more")) if left > 0 else [])
