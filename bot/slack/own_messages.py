"""Reading back what the bot itself has posted, the latest first."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import SlackError
from bot.slack.bot_identity import BotIdentity
from bot.slack.web_api import WebApiCalls

FIRST_PAGE, PAGE = 200, 999
"""Messages of the first call, where the latest mostly are, and of the others: 999 is the most that Slack
takes (Slack documentation, conversations.history)."""


@dataclass(frozen=True, slots=True)
class OwnMessages:
    """The bot's own messages in conversations. Nobody else can post or edit one, and admins can delete it."""

    client: AsyncWebClient
    calls: WebApiCalls
    bot: BotIdentity

    async def pages(
        self, channel: str, most: int, *, thread: str = "", oldest: str = ""
    ) -> AsyncGenerator[list[Mapping[str, Any]]]:
        """Yield the bot's own messages with their metadata, newest first, page by page to the channel's
        beginning, or since `oldest`, a ts; those of a `thread` oldest first. Raises SlackError, also where
        `most` pages are read and there are more."""
        read = self.client.conversations_replies if thread else self.client.conversations_history
        where = {"channel": channel} | ({"ts": thread} if thread else {})
        where |= {"oldest": oldest} if oldest else {}
        cursor = ""
        for number in range(most):
            answer = await self.calls(
                read,
                **where,
                limit=PAGE if number else FIRST_PAGE,
                cursor=cursor or None,
                include_all_metadata=True,
            )
            yield [each for each in answer.get("messages") or [] if self.bot.wrote(each)]
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
        raise SlackError(
            f"The latest {FIRST_PAGE + PAGE * (most - 1):,} messages of the channel {channel} were read, and "
            "what the bot looks for may be before them.",
            "Name a quieter channel under audit.anchors.channel.",
        )
