"""One part of a reply as Block Kit blocks. Text from outside is literal: no mentions, links or emoji."""

import re
from collections.abc import Iterator, Sequence
from functools import singledispatch
from typing import TypeVar

from bot.domain.block_kit import slack_limits as limits
from bot.domain.reply import (
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
)
from bot.domain.reply_text import bars, to_csv, words
from bot.domain.text_safety import DASH, escaped, stripped, stripped_line
from bot.slack import charts, mrkdwn, tables
from bot.slack.message_budget import Block, MessageBudget

_LINE = 1_000
_SPANS = 40
_PAIRS = limits.SECTION_FIELDS // 2
_LABEL = 200
_TABLE_NOTE = 150
_TURNING = 100
_AROUND = 2  # blocks that may stand below a table: the note and the buttons
_MENTIONED = 20
_USER = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")
_FORMATTING = re.compile(r"[*_~`:]")
_CODE_SPAN = re.compile(r"`([^`\n]+)`")

RUN, TURN = "run", "turn"
"""What the action id of a button begins with: both run its command, the second in place of what is shown."""

T = TypeVar("T")


def literal(text: str) -> Block:
    """A text object that shows exactly `text`."""
    return {"type": "plain_text", "text": text, "emoji": False}


def markdown(text: str) -> Block:
    """A text object in Slack's markup, for text that is escaped already; nothing in it becomes a link."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def context(*texts: str) -> Block:
    """A quiet line."""
    return {"type": "context", "elements": [literal(text) for text in texts]}


def rich(*elements: Block) -> Block:
    """A paragraph of rich text, whose parts Slack does not parse."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def emoji(name: str) -> Block:
    """An emoji of Slack's by its name; always with a word beside it."""
    return {"type": "emoji", "name": name}


def bold(text: str) -> Block:
    """Rich text in bold."""
    return {"type": "text", "text": text, "style": {"bold": True}}


@singledispatch
def draw(part: Part, page: MessageBudget) -> list[Block]:  # noqa: ARG001  the registered functions take the part
    """The blocks for one part, as far as the page has room. What has no drawing is in the file only."""
    page.is_cut = True
    return []


@draw.register
def _(part: File, page: MessageBudget) -> list[Block]:
    page.attach(part.name, part.content)
    return []


@draw.register
def _(part: Text, page: MessageBudget) -> list[Block]:
    text = page.fit(stripped(part.text).strip(), limits.TEXT_OBJECT)
    return page.place(rich(*_spans(text))) if text else []


def draw_warnings(page: MessageBudget, run: Sequence[Warn]) -> list[Block]:
    """All in one block, each on a line of its own."""
    lines: list[Block] = []
    for warning in run:
        text = page.fit(stripped(warning.text).strip(), _LINE)
        line = rich(emoji("warning"), bold(" Warning: "), *_spans(text))
        lines += line["elements"] if text and page.spend(line) else []
    return page.place({"type": "rich_text", "elements": lines}, is_paid=True) if lines else []


def draw_notes(page: MessageBudget, run: Sequence[Note]) -> list[Block]:
    """As many to a block as Slack takes."""
    texts = [text for note in run if (text := stripped(note.text).strip())]
    blocks = []
    for some in _batches(texts, limits.CONTEXT_ELEMENTS):
        most = min(_LINE, page.characters // len(some))
        shown = [line for text in some if (line := page.fit(text, most))]
        blocks += page.place(context(*shown)) if shown else []
    return blocks


@draw.register
def _(part: Fields, page: MessageBudget) -> list[Block]:
    """Names to the left, values to the right; Slack stacks them on a narrow screen."""
    blocks = []
    for some in _batches(part.pairs, _PAIRS):
        most = min(int(limits.SECTION_FIELD), page.characters // len(some) - _LABEL)
        cells = []
        for name, value in some:
            cells.append(_label(mrkdwn.fit(stripped_line(name) or DASH, _LABEL)))
            cells.append(literal(page.fit(stripped(words(value)).strip() or DASH, most) or DASH))
        blocks += page.place({"type": "section", "fields": cells})
    return blocks


@draw.register
def _(part: Code, page: MessageBudget) -> list[Block]:
    text = escaped(part.text).strip("\n")
    if not text.strip():
        return []
    shown = page.fit(text, limits.TEXT_OBJECT, is_kept=True)
    blocks = page.place(_preformatted(shown)) if shown.strip() else []
    if shown == text and blocks:
        return blocks
    name = page.attach("output.txt", part.text.encode(errors="replace"))
    return blocks + page.place(context(f"Only the beginning is shown; {name} has all of it."))


@draw.register
def _(part: Choices, page: MessageBudget) -> list[Block]:
    usable = [choice for choice in part.choices if _is_usable(choice)]
    blocks = []
    for some in _batches(usable, limits.ACTIONS_ELEMENTS):
        blocks += page.place({"type": "actions", "elements": [_button(page, choice) for choice in some]})
    missing = len(part.choices) - len(usable)
    if missing:
        note = f"Buttons left out: {missing}. Slack cannot carry the command of each; type it instead."
        blocks += page.place(context(note))
    return blocks


@draw.register
def _(part: Mention, page: MessageBudget) -> list[Block]:
    """The only block that notifies anybody; ids that are no user's and no user group's are left out."""
    elements: list[Block] = []
    for each in part.people[:_MENTIONED]:
        if _USER.fullmatch(each):
            elements += [{"type": "user", "user_id": each}, {"type": "text", "text": " "}]
        elif _GROUP.fullmatch(each):
            elements += [{"type": "usergroup", "usergroup_id": each}, {"type": "text", "text": " "}]
    return page.place(rich(*elements)) if elements else []


@draw.register
def _(part: Chart, page: MessageBudget) -> list[Block]:
    """Slack's own chart where it takes one; else lines of bars, as in the terminal."""
    block = charts.drawn(part) if page.charts else None
    if block is None:
        return page.place(_preformatted(page.fit(bars(part), limits.TEXT_OBJECT) or DASH))
    placed = page.place(block)
    page.charts -= len(placed)
    return placed


def draw_table(page: MessageBudget, table: Table, share: int) -> list[Block]:
    """The table within `share` characters of the page, and a CSV file of it where something is missing."""
    if not table.rows:
        return page.place(rich({"type": "text", "text": f"{tables.caption(table)}: none"}))
    fit = tables.fitted(table, share - _TABLE_NOTE - (_TURNING if table.again else 0))
    blocks = page.place(fit.block) if fit.block and page.blocks > _AROUND else []
    turning = _turning(page, table, fit.rows) if blocks else []
    if blocks and not fit.is_cut and not table.skipped:
        return blocks
    # Further pages bring no second copy of the file that came with the first.
    name = "" if table.skipped else page.attach(f"{table.name}.csv", to_csv(table))
    return blocks + page.place(context(_missing(table, fit if blocks else None, name))) + turning


def _turning(page: MessageBudget, table: Table, shown: int) -> list[Block]:
    """Buttons to the next rows and back to the first, where the table's command can be asked for them."""
    choices = []
    if table.again and table.skipped:
        choices.append(Choice("First rows", table.again))
    if table.again and shown < len(table.rows):
        choices.append(Choice("Next rows", f"{table.again} --skip {table.skipped + shown}"))
    buttons = [_button(page, choice, TURN) for choice in choices if _is_usable(choice)]
    return page.place({"type": "actions", "elements": buttons}) if buttons else []


def _missing(table: Table, fit: tables.FittedTable | None, name: str) -> str:
    where = f"{name} has everything" if name else "the file that came with the first rows has everything"
    if fit is None:
        return mrkdwn.fit(f"{tables.caption(table)}: {len(table.rows):,} rows; {where}.", _TABLE_NOTE)
    first, last, total = table.skipped + 1, table.skipped + fit.rows, table.skipped + len(table.rows)
    shown = "Long values are shortened"
    if table.skipped:
        shown = f"Showing rows {first:,} to {last:,} of {total:,}"
    elif fit.rows < len(table.rows):
        shown = f"Showing {fit.rows:,} of {len(table.rows):,} rows"
    elif fit.columns < fit.all_columns:
        shown = f"Showing {fit.columns} of {fit.all_columns} columns"
    return mrkdwn.fit(f"{shown}; {where}.", _TABLE_NOTE)


def _spans(text: str) -> list[Block]:
    """Text with what stands between backticks in code style, unless there is suspiciously much of it."""
    pieces = _CODE_SPAN.split(text)
    if len(pieces) > 2 * _SPANS:
        return [{"type": "text", "text": text}]
    styles: tuple[Block, Block] = ({}, {"style": {"code": True}})
    return [{"type": "text", "text": piece, **styles[n % 2]} for n, piece in enumerate(pieces) if piece]


def _label(text: str) -> Block:
    """A field's name in bold, or as it is where Slack would take some of it for formatting."""
    return literal(text) if _FORMATTING.search(text) else markdown(f"*{mrkdwn.entities(text)}*")


def _preformatted(text: str) -> Block:
    code = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [code]}


def _is_usable(choice: Choice) -> bool:
    """A button runs exactly what it says, so a command is neither cut nor cleaned."""
    command = choice.command
    is_short = 0 < len(command.strip()) <= len(command) <= limits.BUTTON_VALUE
    return is_short and command == stripped(command)


def _button(page: MessageBudget, choice: Choice, kind: str = RUN) -> Block:
    page.buttons += 1
    label = stripped_line(choice.label) or stripped_line(choice.command)
    return {
        "type": "button",
        "action_id": f"{kind}:{page.buttons}",
        "text": literal(mrkdwn.fit(label, limits.LABEL)),
        "value": choice.command,
        **({"style": "primary"} if choice.primary else {}),
    }


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
