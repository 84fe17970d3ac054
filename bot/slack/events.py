"""Commands in messages: mentions of the bot and direct messages, each with the thread for its answer."""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.mrkdwn import decode_typed
from bot.slack.payload_bounds import read_id, read_text

_MENTION = re.compile(r"<@(?P<user>\w+)(?:\|[^<>]*)?>")
_BESIDE = f"{string.whitespace}\xa0,:"
"""Characters that people put between a name and what they ask for."""

_NOT_BY_PEOPLE = ("bot_id", "subtype", "edited", "hidden")
"""Fields of edits, joins and messages of other apps (Slack docs, "message event")."""


@dataclass(frozen=True, slots=True)
class MentionedCommand:
    """One command line in a message. The answer goes into `thread`, or into the channel if it is empty."""

    user: str
    team: str
    channel: str
    text: str
    thread: str


def read_command(event: Mapping[str, Any], bot_user: str) -> MentionedCommand | None:
    """Return the command in an `app_mention` or direct message, None for every other event.

    In a channel the answer goes into a thread, a new one if the message is not in one.
    """
    kind, thread = event.get("type"), read_id(event.get("thread_ts"))
    is_direct = kind == "message" and event.get("channel_type") == "im"
    if not (is_direct or kind == "app_mention") or any(event.get(key) for key in _NOT_BY_PEOPLE):
        return None
    user, channel = read_id(event.get("user")), read_id(event.get("channel"))
    if not user or not channel or user == bot_user:
        return None
    text = _without_mention(read_text(event.get("text")), bot_user)
    if kind == "app_mention":
        thread = thread or read_id(event.get("ts"))
    return MentionedCommand(user, read_id(event.get("team")), channel, decode_typed(text), thread)


def _without_mention(text: str, bot_user: str) -> str:
    """Remove the bot's name at the beginning and end of the line, not in the middle."""
    text = text.strip()
    first = _MENTION.match(text)
    if first is not None and first["user"] == bot_user:
        text = text[first.end() :].lstrip(_BESIDE)
    at = max(text.rfind("<@"), 0)
    last = _MENTION.fullmatch(text, at)
    if last is not None and last["user"] == bot_user:
        text = text[:at].rstrip(_BESIDE)
    return text.strip()
