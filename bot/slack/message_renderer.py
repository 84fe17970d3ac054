"""A reply as a Slack message, always within Slack's limits; what does not fit goes along as a file."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.domain.block_kit import slack_limits as limits
from bot.domain.reply import Chart, Choices, Code, Fields, File, Mention, Note, Part, Reply, Table, Text, Warn
from bot.domain.reply_text import plain, summary
from bot.domain.text_safety import DASH, stripped_line
from bot.slack import mrkdwn, tables
from bot.slack.block_renderer import (
    bold,
    context,
    draw,
    draw_notes,
    draw_table,
    draw_warnings,
    emoji,
    literal,
    markdown,
    rich,
)
from bot.slack.message_budget import CHARACTERS, Block, MessageBudget, message_problems

_TEXT_BYTES = 3_900
"""Room for the top-level text, below `limits.EPHEMERAL_TEXT_BYTES`."""
_TITLE = 1_000
_CLOSING = 300
_WHOLE = "reply.txt"
_FENCED = 2_900
_ORDER = (File, Warn, Mention, Choices, Text, Fields, Note, Code, Chart)
"""Who gets room first when there is not enough for all; tables share what is left."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """What Slack is sent: `text` says the essentials by itself, `files` go by direct message.

    `source` is the reply it was made from, for `plain_message` should Slack refuse this one.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    files: tuple[File, ...] = ()
    source: Reply | None = field(default=None, repr=False, compare=False)

    def payload(self) -> dict[str, Any]:
        """`text` and, where there are any, `blocks`, as Slack's methods take them."""
        return {"text": self.text, **({"blocks": list(self.blocks)} if self.blocks else {})}


def render(reply: Reply) -> SlackMessage:
    """The reply with everything that Slack can show. Never raises, never exceeds a limit."""
    page = MessageBudget()
    title = _title(page, reply)
    parts = _parts(page, reply.parts)
    if page.is_cut:
        page.attach(_WHOLE, plain(reply).encode())
    message = SlackMessage(_text(reply), (*title, *parts, *_closing(page)), tuple(page.files), reply)
    refused = message_problems(message.payload())
    if not refused:
        return message
    _log.error("message_exceeds_limits", problems=[str(problem) for problem in refused[:5]])
    return plain_message(reply)


def plain_message(reply: Reply) -> SlackMessage:
    """The reply as monospace text in sections and nothing else, for a Slack that refused the real thing."""
    page = MessageBudget()
    for part in reply.parts:
        if isinstance(part, File):
            page.attach(part.name, part.content)
    text = plain(reply)
    chunks = _chunks(mrkdwn.unfenced(text.rstrip("\n")), _FENCED)
    most = CHARACTERS // limits.TEXT_OBJECT
    if len(chunks) > most:
        page.is_cut = True
        page.attach(_WHOLE, text.encode())
    texts = [markdown(f"```\n{mrkdwn.entities(chunk)}\n```") for chunk in chunks[:most]]
    texts += [block["elements"][0] for block in _closing(page)]
    sections = tuple({"type": "section", "text": text_object} for text_object in texts)
    return SlackMessage(_text(reply), sections, tuple(page.files))


def _text(reply: Reply) -> str:
    return mrkdwn.escape(mrkdwn.fit_octets(summary(reply), _TEXT_BYTES))


def _title(page: MessageBudget, reply: Reply) -> list[Block]:
    title = stripped_line(reply.title) or DASH
    if reply.ok and len(title) <= limits.HEADER_TEXT:
        return page.place({"type": "header", "text": literal(title)})
    title = page.fit(title, _TITLE)
    return page.place(rich(bold(title)) if reply.ok else rich(emoji("x"), bold(f" Error: {title}")))


def _parts(page: MessageBudget, parts: Sequence[Part]) -> list[Block]:
    """Room is given out by importance; what is drawn keeps its place."""
    runs = [tuple(run) for _, run in itertools.groupby(parts, _run_key())]
    drawn: dict[int, list[Block]] = {}
    for kind in _ORDER:
        for index, run in enumerate(runs):
            if isinstance(run[0], kind):
                drawn[index] = _draw(page, run)
    drawn |= _tables(page, {index: run[0] for index, run in enumerate(runs) if isinstance(run[0], Table)})
    return [block for index in sorted(drawn) for block in drawn[index]]


def _run_key() -> Callable[[Part], object]:
    """Neighbouring warnings, and neighbouring notes, share a block; everything else stands alone."""
    numbers = itertools.count()
    return lambda part: type(part) if isinstance(part, Warn | Note) else next(numbers)


def _draw(page: MessageBudget, run: Sequence[Part]) -> list[Block]:
    if isinstance(run[0], Warn):
        return draw_warnings(page, [part for part in run if isinstance(part, Warn)])
    if isinstance(run[0], Note):
        return draw_notes(page, [part for part in run if isinstance(part, Note)])
    return draw(run[0], page)


def _tables(page: MessageBudget, wanted: Mapping[int, Table]) -> dict[int, list[Block]]:
    """The smallest first: each takes what it needs, at most an equal share of what is left."""
    smallest_first = sorted(wanted, key=lambda index: tables.most_wanted(wanted[index]))
    drawn = {}
    for done, index in enumerate(smallest_first):
        share = page.characters // (len(wanted) - done)
        drawn[index] = draw_table(page, wanted[index], share)
    return drawn


def _closing(page: MessageBudget) -> list[Block]:
    if not page.files:
        return []
    shortened = "Shortened to fit into Slack. " if page.is_cut else ""
    names = ", ".join(file.name for file in page.files)
    return [context(mrkdwn.fit(f"{shortened}Sent by direct message: {names}", _CLOSING))]


def _chunks(text: str, limit: int) -> list[str]:
    """Whole lines where possible, each chunk costing at most `limit` characters in Slack."""
    worst = limit // mrkdwn.cost("&")
    chunks = [""]
    for line in text.split("\n"):
        whole = mrkdwn.cost(line) <= limit
        pieces = [line] if whole else [line[at : at + worst] for at in range(0, len(line), worst)]
        for piece in pieces:
            fuller = f"{chunks[-1]}\n{piece}" if chunks[-1] else piece
            if mrkdwn.cost(fuller) <= limit:
                chunks[-1] = fuller
            else:
                chunks.append(piece)
    return chunks
