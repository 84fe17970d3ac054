"""Reading back what the bot itself has posted to a channel, the latest first."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import SlackError
from bot.slack.gateway import BotIdentity
from bot.slack.web_api import WebApiCalls

FIRST_PAGE, PAGE = 200, 999
"""Messages of the first call, where the latest mostly are, and of the others: 999 is the most that Slack
takes (Slack documentation, conversations.history)."""


@dataclass(frozen=True, slots=True)
class OwnMessages:
    """The bot's own messages in its channels. Nobody else can post or edit one, and admins can delete it."""

    client: AsyncWebClient
    calls: WebApiCalls
    bot: BotIdentity

    async def pages(self, channel: str, most: int) -> AsyncIterator[list[Mapping[str, Any]]]:
        """Yield the bot's own messages with their metadata, newest first, page by page to the channel's
        beginning. Raises SlackError, also where `most` pages are read and there are more."""
        cursor = ""
        for number in range(most):
            answer = await self.calls(
                self.client.conversations_history,
                channel=channel,
                limit=PAGE if number else FIRST_PAGE,
                cursor=cursor,
                include_all_metadata=True,
            )
            yield [each for each in answer.get("messages") or [] if self._is_own(each)]
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
        raise SlackError(
            f"The latest {FIRST_PAGE + PAGE * (most - 1):,} messages of the channel {channel} were read, and "
            "what the bot looks for may be before them.",
            "Name a quieter channel under audit.anchors.channel.",
        )

    def _is_own(self, message: Mapping[str, Any]) -> bool:
        return message.get("bot_id") == self.bot.bot_id and message.get("user") == self.bot.bot_user
