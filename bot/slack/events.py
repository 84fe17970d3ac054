"""What people say to the bot in channels, threads and direct messages, and where the answer goes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_OTHER_THAN_PEOPLE = ("bot_id", "subtype", "edited", "hidden")
"""Slack docs, "message event": what an edit, a join or another app's message has, and a person's has not."""


@dataclass(frozen=True, slots=True)
class MentionedCommand:
    """One line for the bot. `thread` is where the answer goes; empty: the channel itself."""

    user: str
    team: str
    channel: str
    text: str
    thread: str


def said(event: Mapping[str, Any], bot_user: str) -> MentionedCommand | None:
    """What an `app_mention` or a direct message says to the bot; None for everything else.

    In a channel the answer goes into a thread, which it begins where there is none yet.
    """
    kind, thread = event.get("type"), str(event.get("thread_ts") or "")
    is_direct = kind == "message" and event.get("channel_type") == "im"
    if not (is_direct or kind == "app_mention") or any(event.get(key) for key in _OTHER_THAN_PEOPLE):
        return None
    user, channel = str(event.get("user") or ""), str(event.get("channel") or "")
    if not user or not channel or user == bot_user:
        return None
    text = _without_mention(str(event.get("text") or ""), bot_user)
    if kind == "app_mention":
        thread = thread or str(event.get("ts") or "")
    return MentionedCommand(user, str(event.get("team") or ""), channel, text, thread)


def _without_mention(text: str, bot_user: str) -> str:
    """The line without the bot's name at its beginning or end; a name in the middle is left as it is."""
    name = rf"<@{re.escape(bot_user)}(?:\|[^>]*)?>"
    return re.sub(rf"^\s*{name}[\s,:]*|[\s,]*{name}\s*$", "", text).strip()
