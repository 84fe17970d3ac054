"""The bot's own messages with anchors of the audit log, posted to a channel and read back from it."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from bot.domain.errors import SlackError
from bot.runtime.clock import Clock
from bot.slack.connection import SlackConnection
from bot.slack.outbox import SAFE
from bot.slack.own_messages import OwnMessages
from bot.slack.web_api import WebApiCalls

PAGES = 3
"""Calls: so far back is the latest anchor looked for among other messages."""


@dataclass(frozen=True, slots=True)
class SlackAnchors:
    """The channel as anchors need it. What others post there doesn't count."""

    own: OwnMessages

    async def post(self, channel: str, text: str) -> None:
        """Post a text. Raises SlackError, but not when it is there although Slack did not say so."""
        try:
            await self.own.calls(self.own.client.chat_postMessage, channel=channel, text=text, **SAFE)
        except SlackError as error:
            if not (error.is_outcome_unknown and text in await self.read_own(channel, text)):
                raise

    async def read_own(self, channel: str, part: str) -> Sequence[str]:
        """Return the bot's own messages with `part` in them, oldest first: those of the latest page that has
        any. Raises SlackError, also when there are so many other messages that none was found."""
        async with aclosing(self.own.pages(channel, PAGES)) as pages:
            async for page in pages:
                found = [str(each["text"]) for each in page if part in str(each["text"])]
                if found:
                    return found[::-1]
        return []


def open_anchor_channel(slack: SlackConnection, clock: Clock) -> SlackAnchors:
    """Return the channel's reader and writer."""
    return SlackAnchors(OwnMessages(slack.client, WebApiCalls(clock), slack.workspace))
