"""Messages that the bot posts by itself, such as cards of changes and reports."""

from dataclasses import dataclass

from bot.domain.reply import Reply
from bot.slack.message_renderer import render
from bot.slack.outbox import Outbox


@dataclass(frozen=True, slots=True)
class SlackNotices:
    """Posts and edits messages for the change scheduler and for reports."""

    outbox: Outbox

    async def post(self, channel: str, reply: Reply, thread: str = "") -> tuple[str, str]:
        """Post in a channel, or to a person by id."""
        message = render(reply)
        if channel.startswith(("U", "W")):
            posted = await self.outbox.direct(channel, message)
        else:
            posted = await self.outbox.post(channel, message, thread=thread or None)
        return posted.channel, posted.ts

    async def edit(self, channel: str, ts: str, reply: Reply) -> None:
        """Edit in place."""
        await self.outbox.update(channel, ts, render(reply))
