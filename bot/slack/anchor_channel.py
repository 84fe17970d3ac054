"""The bot's own messages with anchors of the audit log, posted to a channel and read back from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.runtime.clock import Clock
from bot.slack.connection import SlackConnection
from bot.slack.message_renderer import SlackMessage
from bot.slack.outbox import Outbox
from bot.slack.own_messages import OwnMessages
from bot.slack.web_api import RetryWait, WebApiCalls

PAGES = 3
"""Calls: so far back is the latest anchor looked for among other messages."""


@dataclass(frozen=True, slots=True)
class SlackAnchors:
    """The channel as anchors need it. What others post there doesn't count."""

    outbox: Outbox
    own: OwnMessages

    async def post(self, channel: str, text: str) -> None:
        """Post a text. Raises SlackError."""
        await self.outbox.post(channel, SlackMessage(text))

    async def read_own(self, channel: str, part: str) -> Sequence[str]:
        """Return the bot's own messages with `part` in them, oldest first: those of the latest page that has
        any. Raises SlackError, also when there are so many other messages that none was found."""
        async for page in self.own.pages(channel, PAGES):
            if found := [str(each["text"]) for each in page if part in str(each["text"])]:
                return found[::-1]
        return []


def open_anchor_channel(slack: SlackConnection, clock: Clock, outbox: Outbox | None = None) -> SlackAnchors:
    """Return the channel's reader and writer. Programs without an outbox of their own leave it out."""
    retry_wait = RetryWait(clock)
    return SlackAnchors(
        outbox or Outbox(slack.client, slack.session, clock, retry_wait),
        OwnMessages(slack.client, WebApiCalls(clock, retry_wait), slack.workspace),
    )
