"""The bot as Slack knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class BotIdentity:
    """The bot's identity, from one `auth.test` at start. `enterprise` is empty outside Enterprise Grid."""

    team: str
    bot_user: str
    bot_id: str
    enterprise: str = ""
    is_org_wide: bool = False
    scopes: frozenset[str] = frozenset()

    def wrote(self, message: Mapping[str, Any]) -> bool:
        """Return whether a message of a conversation's history is the bot's own."""
        return message.get("bot_id") == self.bot_id and message.get("user") == self.bot_user
