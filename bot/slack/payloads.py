"""Slack's payloads: bounded before anything of them is read, as strangers choose their texts; then read.

A command line is taken from what people type or paste: without the bot's name, courtesy and code formatting.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.mrkdwn import decode_typed

LONGEST_TEXT = 4_000
"""Characters of any text that are kept. The longest that is ours, a view's `private_metadata`, has 3,000."""

LONGEST_ID = 255
"""Characters of an id that are kept; Slack's own have about 11."""

MOST_PARTS = 50_000
"""Values that are kept; a message of 50 full blocks has about 20,000."""

_BY_PEOPLE = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""Subtypes of messages that a person wrote (Slack docs, "message event"); others are joins and the like."""

_MENTION = re.compile(r"<@(?P<user>\w+)(?:\|[^<>]*)?>")
_WORD = re.compile(r"[^\s,:]+")
_BESIDE = re.compile(r"[\s,:]*")
_COURTESY = frozenset(
    {"please", "pls", "kindly", "hey", "hi", "hello", "can", "could", "would", "you", "run"}
)
"""Words before a command that are none of it. No command begins with one of them."""

_MARKS = frozenset({"&gt;", "&gt;&gt;&gt;", "•"})
"""The marks of a quotation and of a list, as Slack encodes them."""

_THANKS = re.compile(r"(?<![\s,])[\s,]+(?:please|pls|thanks|thx|thank you)[.!]*$", re.IGNORECASE)
_LONGEST_THANKS = 30
_FLAG = re.compile(r"--[a-z-]+")
"""A flag without its value, which the next word may be."""

_WRAPPERS = (("```", "```"), ("`", "`"), ("*", "*"), ("_", "_"), ("~", "~"), ('"', '"'), ("“", "”"))
"""What surrounds a whole line: Slack's code and emphasis, and quotes."""

_NESTED = 4
"""Wrappers and names that may lie around each other, as in a mention before a fence with a mention in it."""


def bound_payload(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the payload with texts cut and, from the inside, without what exceeds the bounds.

    The outer parts come first, so that the sender is known whatever else is in it.
    """
    whole: dict[str, Any] = {}
    todo: deque[tuple[Any, Any]] = deque([(payload, whole)])
    left = MOST_PARTS
    while todo:
        source, target = todo.popleft()
        for key, value in source.items() if isinstance(source, dict) else enumerate(source):
            if left == 0:
                return whole
            left -= 1
            kept = value[:LONGEST_TEXT] if isinstance(value, str) else value
            if isinstance(value, dict | list):
                kept = type(value)()
                todo.append((value, kept))
            if isinstance(target, dict):
                target[key] = kept
            else:
                target.append(kept)
    return whole


def read_text(value: object) -> str:
    """Return a text or a number of a payload as text; empty for everything else."""
    return str(value) if isinstance(value, str | int | float) else ""


def read_id(value: object) -> str:
    """Return an id of a payload, cut to `LONGEST_ID` characters; empty where it is none."""
    return read_text(value)[:LONGEST_ID]


@dataclass(frozen=True, slots=True)
class MentionedCommand:
    """One command line in a message. The answer goes into `thread`, or into the channel if it is empty.

    `is_edit`: the message was edited, and may have been answered before.
    """

    user: str
    team: str
    channel: str
    text: str
    thread: str
    is_edit: bool = False


def read_command(event: Mapping[str, Any], bot_user: str, command: str = "/pg") -> MentionedCommand | None:
    """Return the command in an `app_mention` or direct message, None for every other event.

    In a channel the answer goes into a thread, a new one if the message is not in one.
    """
    kind = event.get("type")
    is_direct = kind == "message" and event.get("channel_type") == "im"
    message = _edited_message(event) if event.get("subtype") == "message_changed" else event
    if message is None or not (is_direct or kind == "app_mention") or not _is_by_person(message, bot_user):
        return None
    channel, thread = read_id(event.get("channel")), read_id(message.get("thread_ts"))
    if not channel:
        return None
    if kind == "app_mention":
        thread = thread or read_id(message.get("ts"))
    text = read_line(read_text(message.get("text")), command=command, bot_user=bot_user)
    user, team = read_id(message.get("user")), read_id(message.get("team") or event.get("team"))
    return MentionedCommand(user, team, channel, text, thread, is_edit=bool(message.get("edited")))


def _edited_message(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the message as it is after an edit of its text; None for other changes, such as a preview."""
    message, before = event.get("message"), event.get("previous_message")
    if not isinstance(message, dict) or not message.get("edited"):
        return None
    is_same = isinstance(before, dict) and before.get("text") == message.get("text")
    return None if is_same else message


def _is_by_person(message: Mapping[str, Any], bot_user: str) -> bool:
    user = read_id(message.get("user"))
    is_plain = read_text(message.get("subtype")) in _BY_PEOPLE and not message.get("hidden")
    return is_plain and not message.get("bot_id") and user not in {"", bot_user}


def read_line(text: str, *, command: str, bot_user: str) -> str:
    """Return the command line of a text as Slack sent it, decoded once.

    `command` is the slash command, which people repeat, and `bot_user` the bot's own id.
    """
    for _ in range(_NESTED):
        shorter = _unwrap(_strip_names(text, command, bot_user))
        if shorter == text:
            break
        text = shorter
    return decode_typed(text)


def _strip_names(text: str, command: str, bot_user: str) -> str:
    """Remove the bot's name, the command and courtesy from the line's beginning and end, not its middle."""
    at = _start(text, command, bot_user)
    end = len(text.rstrip(" \t\n\xa0,:"))
    last = _MENTION.fullmatch(text, max(text.rfind("<@", at, end), 0), end)
    if last is not None and last["user"] == bot_user and last.start() >= at:
        end = last.start()
    line = text[at:end].strip(" \t\n\xa0,:")
    tail = max(len(line) - _LONGEST_THANKS, 0)
    thanks = _THANKS.search(line, tail)
    if thanks is None:
        return line
    rest = line[: thanks.start()]
    is_value = "," not in thanks[0] and _FLAG.fullmatch(rest.rpartition(" ")[2]) is not None
    return line if is_value else rest


def _start(text: str, command: str, bot_user: str) -> int:
    at = 0
    while True:
        at = _BESIDE.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        mention, word = _MENTION.match(text, at), _WORD.match(text, at)
        if mention is not None and mention["user"] == bot_user:
            at = mention.end()
        elif word is not None and _is_beside(word[0], command):
            at = word.end()
        else:
            return at


def _is_beside(word: str, command: str) -> bool:
    # Where Slack makes no mention of it, as in code, the bot's name is text. No command begins with an @.
    is_name = word == command or word.startswith("@")
    return is_name or word in _MARKS or word.casefold().rstrip("!.") in _COURTESY


def _unwrap(line: str) -> str:
    """Remove code formatting, emphasis or quotes around the whole line; a single word keeps its emphasis."""
    if line.startswith("`"):
        line = line.rstrip("?!.")  # of the sentence that the code stands in
    for opening, closing in _WRAPPERS:
        inner = line[len(opening) : len(line) - len(closing)]
        is_around = line.startswith(opening) and line.endswith(closing) and len(line) > 2 * len(opening)
        is_line = opening.startswith("`") or " " in inner.strip()
        if is_around and is_line and opening not in inner and closing not in inner:
            return inner.strip()
    return line
