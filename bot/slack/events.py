"""Commands in messages: mentions of the bot and direct messages, each with the thread for its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.payload_bounds import read_id, read_text
from bot.slack.typed_line import read_line

_BY_PEOPLE = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""Subtypes of messages that a person wrote (Slack docs, "message event"); others are joins and the like."""


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
