"""Times in blocks as dates of Slack, which shows each reader their own zone; elsewhere once and in UTC.

Answers hold times as `in_both` and `format_cell` write them, so that they can be typed back and stored. Here
they become Slack's date format (Slack docs, "Formatting message text", "Rich text block"). Where Slack takes
plain text only, the time in UTC stays and is not repeated. A column of nothing but times stays, too: Slack
sorts a table by the text of its cells.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from bot.domain.block_kit import slack_limits as limits
from bot.domain.text_safety import DASH
from bot.domain.times import SAID, say_in_utc
from bot.slack.block_renderer import bold, markdown, rich
from bot.slack.message_budget import Block
from bot.slack.mrkdwn import FORMATTING, entities

_DAY = "{date_short_pretty} at "


def localize(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks with their times as dates of Slack. Never raises."""
    return [_BLOCKS.get(str(block.get("type")), _other)(block) for block in blocks]


def _other(block: Block) -> Block:
    return {**_plain_once(block)}


def _rich_text(block: Block) -> Block:
    return {**block, "elements": [_rich_part(each) for each in block.get("elements", ())]}


def _header(block: Block) -> Block:
    """Return a header with a time as bold text, since a header takes no dates."""
    text = block["text"]["text"]
    if len(_split(text)) == 1:
        return block
    named = {"block_id": block["block_id"]} if "block_id" in block else {}
    return rich(*_date_spans(bold(text))) | named


def _data_table(block: Block) -> Block:
    first, *rows = block["rows"]
    sortable = [len(rows) > 1 and all(map(_is_time, column)) for column in zip(*rows, strict=True)]
    dated = [
        [cell if stays else _date_cell(cell) for cell, stays in zip(row, sortable, strict=True)]
        for row in rows
    ]
    return _other({**block, "caption": say_in_utc(block["caption"]), "rows": [first, *dated]})


def _is_time(cell: Block) -> bool:
    return cell["text"] == DASH or SAID.fullmatch(cell["text"]) is not None


def _date_cell(cell: Block) -> Block:
    spans = _date_spans({"type": "text", "text": cell["text"]})
    return rich(*spans) if any(span["type"] == "date" for span in spans) else cell


def _rich_part(part: Block) -> Block:
    if part.get("type") == "rich_text_list":
        return _rich_text(part)
    if part.get("type") not in {"rich_text_section", "rich_text_quote"}:
        return part
    return {**part, "elements": [span for each in part["elements"] for span in _date_spans(each)]}


def _date_spans(span: Block) -> list[Block]:
    """Return a span of text as text and dates; code, and anything else, as it is."""
    if span.get("type") != "text" or (span.get("style") or {}).get("code"):
        return [span]
    style = {"style": span["style"]} if span.get("style") else {}
    return [
        {"type": "text", "text": piece, **style} if isinstance(piece, str) else {**_date(piece), **style}
        for piece in _split(span["text"])
        if piece
    ] or [span]


def _split(text: str) -> list[str | re.Match[str]]:
    """Return the text around the times, and the times that exist."""
    pieces: list[str | re.Match[str]] = []
    end = 0
    for found in SAID.finditer(text):
        if _seconds(found) is not None:
            pieces += [text[end : found.start()], found]
            end = found.end()
    return [*pieces, text[end:]]


def _seconds(found: re.Match[str]) -> int | None:
    """Return the seconds since 1970, None for a date that does not exist or that Slack does not take."""
    try:
        seconds = int(datetime.fromisoformat(found["at"]).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
    return seconds if seconds >= 0 else None


def _date(found: re.Match[str]) -> Block:
    shown = {"timestamp": _seconds(found), "format": _format(found), "fallback": found["utc"]}
    return {"type": "date", **shown}


def _format(found: re.Match[str]) -> str:
    is_exact = found["seconds"] not in (None, ":00")
    return _DAY + ("{time_secs}" if is_exact else "{time}")


def _texts(key: str, most: int) -> Callable[[Block], Block]:
    """Return a function that localizes the text objects of a block under `key`, each of `most` characters."""

    def localize_texts(block: Block) -> Block:
        block = _plain_once(block)
        texts = block.get(key)
        return {**block, key: [_text_object(each, most) for each in texts]} if texts else block

    return localize_texts


def _text_object(value: Block, most: int) -> Block:
    """Return a text object with its times as dates; as it is where Slack would read formatting in it."""
    text = value.get("text")
    if value.get("type") != "plain_text" or not isinstance(text, str):
        return value
    pieces = _split(text)
    if len(pieces) == 1 or any(FORMATTING.search(each) for each in pieces if isinstance(each, str)):
        return value
    marked = "".join(entities(each) if isinstance(each, str) else _token(each) for each in pieces)
    return markdown(marked) if len(marked) <= most else value


def _token(found: re.Match[str]) -> str:
    return f"<!date^{_seconds(found)}^{_format(found)}|{found['utc']}>"


def _plain_once(value: Any) -> Any:
    """Return a block whose plain texts say each time once, in UTC."""
    if isinstance(value, list | tuple):
        return [_plain_once(each) for each in value]
    if not isinstance(value, dict):
        return value
    whole = {key: inner if key == "value" else _plain_once(inner) for key, inner in value.items()}
    if value.get("type") in {"plain_text", "raw_text"} and isinstance(value.get("text"), str):
        whole["text"] = say_in_utc(value["text"])
    return whole


_BLOCKS: dict[str, Callable[[Block], Block]] = {
    "data_table": _data_table,
    "header": _header,
    "rich_text": _rich_text,
    "section": _texts("fields", limits.SECTION_FIELD),
    "context": _texts("elements", limits.TEXT_OBJECT),
}
