"""Small records in a channel of Slack, which are still there when the data folder is lost or copied.

A record is one message of the bot's own, edited in place; what it holds is in the message's metadata. That
is not secret: every app in the channel can read it (slack-facts, 3.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import SlackError
from bot.runtime.clock import Clock
from bot.slack.mrkdwn import escape
from bot.slack.outbox import SAFE
from bot.slack.own_messages import OwnMessages

PAGES = 100
"""Pages to look through: about 100,000 messages. Only the first start in an old channel, and one after a
long stop, read more than the first."""

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""Refusals to edit a message for good."""

_RENEWAL = timedelta(days=1)
"""A record that was posted so long ago is posted again, so that it is found among the latest messages."""


@dataclass(slots=True)
class StateMessage:
    """One record in one channel. `kind` tells it from the others, and `words` is what people read.

    One process at a time writes it. Of several messages, which an answer that was lost can leave behind, the
    newest counts.
    """

    channel: str
    kind: str
    words: str
    client: AsyncWebClient
    own: OwnMessages
    clock: Clock
    _ts: str = field(default="", init=False)

    async def read(self) -> dict[str, Any] | None:
        """Return the record as Slack has it now, None if there is none. Raises SlackError."""
        async for page in self.own.pages(self.channel, PAGES):
            for message in page:
                metadata = message.get("metadata") or {}
                if metadata.get("event_type") == self.kind:
                    self._ts = str(message["ts"])
                    return dict(metadata.get("event_payload") or {})
        self._ts = ""
        return None

    async def write(self, content: Mapping[str, Any]) -> None:
        """Put the content in place of the record, or post it. Raises SlackError; after an answer that was
        lost nobody knows whether it is written."""
        if not self._ts:
            await self.read()
        if not self._ts:
            await self._post(content)
        elif self._is_old():
            await self.replace(content)
        else:
            await self._edit(content)

    async def replace(self, content: Mapping[str, Any]) -> None:
        """Post the record again, and remove the last message. Raises SlackError."""
        last = self._ts
        await self._post(content)
        if last:
            await self._remove(last)

    async def _edit(self, content: Mapping[str, Any]) -> None:
        try:
            await self.own.calls(self.client.chat_update, ts=self._ts, **self._message(content))
        except SlackError as error:
            if error.code not in GONE:
                raise
            await self._post(content)

    async def _post(self, content: Mapping[str, Any]) -> None:
        self._ts = ""  # if the answer is lost, the next write looks for the message first
        answer = await self.own.calls(self.client.chat_postMessage, **self._message(content))
        self._ts = str(answer["ts"])

    async def _remove(self, ts: str) -> None:
        try:
            await self.own.calls(self.client.chat_delete, channel=self.channel, ts=ts)
        except SlackError:
            return  # the newer one counts; this one is only in the way

    def _is_old(self) -> bool:
        return self.clock.now().timestamp() - float(self._ts) > _RENEWAL.total_seconds()

    def _message(self, content: Mapping[str, Any]) -> dict[str, Any]:
        metadata = {"event_type": self.kind, "event_payload": dict(content)}
        return {"channel": self.channel, **grey_text(self.words), "metadata": metadata, **SAFE}


def grey_text(words: str) -> dict[str, Any]:
    """Return text and blocks of a message that is small and grey, and never marked as edited."""
    block = {"type": "context", "elements": [{"type": "plain_text", "text": words}]}
    return {"text": escape(words), "blocks": [block]}
