"""The bot's own messages with anchors of the audit log, posted to a channel and read back from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import SlackError
from bot.runtime.clock import Clock
from bot.slack.connection import SlackConnection
from bot.slack.gateway import BotIdentity
from bot.slack.message_renderer import SlackMessage
from bot.slack.outbox import Outbox
from bot.slack.web_api import RetryWait, WebApiCalls

PAGE, PAGES = 200, 10
"""Messages of one call, and calls: so far back is the latest anchor looked for among other messages."""


@dataclass(frozen=True, slots=True)
class SlackAnchors:
    """The channel as anchors need it. What others post there doesn't count."""

    outbox: Outbox
    client: AsyncWebClient
    calls: WebApiCalls
    bot: BotIdentity

    async def post(self, channel: str, text: str) -> None:
        """Post a text. Raises SlackError."""
        await self.outbox.post(channel, SlackMessage(text))

    async def read_own(self, channel: str, part: str) -> Sequence[str]:
        """Return the bot's own messages with `part` in them, oldest first: those of the latest page that has
        any. Raises SlackError, also when there are so many other messages that none was found."""
        cursor = ""
        for _ in range(PAGES):
            answer = await self.calls(
                self.client.conversations_history, channel=channel, limit=PAGE, cursor=cursor
            )
            page: list[Mapping[str, Any]] = answer.get("messages") or []
            found = [str(each["text"]) for each in page if self._is_own(each) and part in str(each["text"])]
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if found or not cursor:
                return found[::-1]
        raise SlackError(f"None of the latest {PAGE * PAGES:,} messages there is an anchor.")

    def _is_own(self, message: Mapping[str, Any]) -> bool:
        return message.get("bot_id") == self.bot.bot_id and message.get("user") == self.bot.bot_user


def open_anchor_channel(slack: SlackConnection, clock: Clock, outbox: Outbox | None = None) -> SlackAnchors:
    """Return the channel's reader and writer. Programs without an outbox of their own leave it out."""
    retry_wait = RetryWait(clock)
    return SlackAnchors(
        outbox or Outbox(slack.client, slack.session, clock, retry_wait),
        slack.client,
        WebApiCalls(clock, retry_wait),
        slack.workspace,
    )
