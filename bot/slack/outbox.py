"""Everything that the bot sends to Slack on its own account: answers, cards, direct messages, files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import SlackError
from bot.domain.reply import Audience, File
from bot.domain.request import Invocation
from bot.runtime.clock import Clock
from bot.slack.error_words import BLOCKS_REFUSED, NO_ANSWER, refusal
from bot.slack.message_renderer import SlackMessage, plain_message
from bot.slack.mrkdwn import escape
from bot.slack.rate_limits import EditPace, MessagePace
from bot.slack.response_url import ResponseUrlClient
from bot.slack.retry_wait import RetryWait
from bot.slack.web_api import Method, WebApiCalls

SAFE = {"parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}
"""With every message and every edit: nothing in a text becomes a mention or a link (slack-facts, 7)."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message ended up; both are needed to edit it."""

    channel: str
    ts: str


class Outbox:
    """Posts within Slack's limits and rates. Every method raises SlackError, and only that.

    `session` is the client's own, with a total timeout. No response_url, upload address or token is ever
    logged or part of an error.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        clock: Clock,
        patience: RetryWait | None = None,
    ) -> None:
        self._client = client
        self._session = session
        self._patience = patience or RetryWait(clock)
        self._calls = WebApiCalls(clock, self._patience)
        self._hooks = ResponseUrlClient(session, clock, self._patience)
        self._pace = MessagePace(clock, self._patience)
        self._edits = EditPace(clock, self._edit, self._patience)
        self._direct_channels: dict[str, str] = {}

    async def answer(
        self,
        invocation: Invocation,
        response_url: str,
        message: SlackMessage,
        audience: Audience,
        *,
        replace: bool = False,
    ) -> None:
        """Answer the person who asked; the files go to their direct messages.

        An address that is missing, expired or used up is made up for: privately in the channel, or in the
        channel itself where the audience is the channel, and by direct message where the bot may do neither.
        """
        content, is_sent = message, False
        if response_url:
            form = _form(audience, replace=replace)
            content, is_sent = await self._respond(response_url, message, form)
        if not is_sent:
            content = await self._make_up(invocation, content, audience)
        if content.files:
            await self.upload(invocation.actor.id, content.files)

    async def say(self, response_url: str, words: str, *, again: bool) -> bool:
        """Tell the asker alone what goes on, `again` in the place of what was told last; whether it was."""
        form = _form(Audience.PRIVATE, replace=again) | {"text": escape(words)} | SAFE
        return not await self._hooks.post(response_url, form, patient=False)

    async def take_back(self, response_url: str) -> None:
        """Remove what was told last; where that fails it stays."""
        code = await self._hooks.post(response_url, {"delete_original": True}, patient=False)
        if code:
            _log.info("not_taken_back", code=code)

    async def post(self, channel: str, message: SlackMessage, *, thread: str | None = None) -> Posted:
        """Post in a channel or thread. Its files stay behind: see `upload`."""
        posted, _ = await self._post(channel, message, thread=thread)
        return posted

    async def ephemeral(
        self, channel: str, user: str, message: SlackMessage, *, thread: str | None = None
    ) -> None:
        """Show something to one member of a channel; the files go to their direct messages."""
        where = {"channel": channel, "user": user} | ({} if thread is None else {"thread_ts": thread})
        _, sent = await self._send(self._client.chat_postEphemeral, message, **where)
        if sent.files:
            await self.upload(user, sent.files)

    async def direct(self, user: str, message: SlackMessage) -> Posted:
        """Write to one person, files included."""
        channel = await self._direct_channel(user)
        posted, sent = await self._post(channel, message)
        if sent.files:
            await self.upload(channel, sent.files)
        return posted

    async def update(self, channel: str, ts: str, message: SlackMessage) -> None:
        """Edit in place. Edits that come faster than one in three seconds become one; the latest wins."""
        await self._edits.update(channel, ts, message)

    async def upload(self, to: str, files: Sequence[File]) -> None:
        """Send files to a person (`U…`, `W…`: by direct message) or into a channel (`C…`, `D…`, `G…`)."""
        channel = await self._direct_channel(to) if to.startswith(("U", "W")) else to
        uploaded = [{"id": await self._upload(file), "title": file.name} for file in files]
        await self._calls(self._client.files_completeUploadExternal, files=uploaded, channel_id=channel)

    async def wait(self, seconds: float) -> bool:
        """Before something is sent again; False where the bot stops first."""
        return await self._patience.wait(seconds)

    def hurry(self) -> None:
        """The bot stops: wait no longer where Slack asks to. What is not sent now, the next start sends."""
        self._patience.end()

    async def drain(self) -> None:
        """Come back when no edit is waiting or under way, at the latest after five seconds."""
        given_up = await self._edits.drain()
        if given_up:
            _log.warning("edits_given_up", count=given_up)

    async def _make_up(
        self, invocation: Invocation, message: SlackMessage, audience: Audience
    ) -> SlackMessage:
        user, channel = invocation.actor.id, invocation.channel
        try:
            if audience is Audience.CHANNEL and channel:
                return (await self._post(channel, message))[1]
            if channel and not channel.startswith("D"):
                where = {"channel": channel, "user": user}
                return (await self._send(self._client.chat_postEphemeral, message, **where))[1]
        except SlackError as error:
            _log.info("answer_by_direct_message", code=error.code)
        return (await self._post(await self._direct_channel(user), message))[1]

    async def _post(
        self, channel: str, message: SlackMessage, *, thread: str | None = None
    ) -> tuple[Posted, SlackMessage]:
        await self._pace.turn(channel)
        where = {"channel": channel} if thread is None else {"channel": channel, "thread_ts": thread}
        answer, sent = await self._send(self._client.chat_postMessage, message, **where)
        return Posted(str(answer["channel"]), str(answer["ts"])), sent

    async def _edit(self, channel: str, ts: str, message: SlackMessage) -> None:
        await self._send(self._client.chat_update, message, channel=channel, ts=ts)

    async def _send(
        self, method: Method, message: SlackMessage, **where: str
    ) -> tuple[AsyncSlackResponse, SlackMessage]:
        """Send the message, once more in its simplest form if Slack refuses its blocks."""
        try:
            return await self._calls(method, **where, **message.payload(), **SAFE), message
        except SlackError as error:
            simple = _simpler(message, error.code)
            if simple is None:
                raise
        return await self._calls(method, **where, **simple.payload(), **SAFE), simple

    async def _respond(
        self, url: str, message: SlackMessage, form: dict[str, Any]
    ) -> tuple[SlackMessage, bool]:
        """What was sent, or is to be sent another way, and whether it was."""
        code = await self._hooks.post(url, {**form, **message.payload(), **SAFE})
        simple = _simpler(message, code)
        if simple is not None:
            message = simple
            code = await self._hooks.post(url, {**form, **message.payload(), **SAFE})
        if code:
            _log.info("response_url_refused", code=code)
        return message, not code

    async def _direct_channel(self, user: str) -> str:
        if user not in self._direct_channels:
            opened = await self._calls(self._client.conversations_open, users=user)
            channel = opened.get("channel")
            if not isinstance(channel, dict) or "id" not in channel:
                raise refusal(NO_ANSWER)
            self._direct_channels[user] = str(channel["id"])
        return self._direct_channels[user]

    async def _upload(self, file: File) -> str:
        content = file.content or b"\n"  # Slack takes no empty file
        place = await self._calls(
            self._client.files_getUploadURLExternal, filename=file.name, length=len(content)
        )
        try:
            async with self._session.post(
                str(place["upload_url"]), data=content, allow_redirects=False
            ) as response:
                status = response.status
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            raise refusal(NO_ANSWER) from None
        if status != 200:
            raise SlackError(f"Slack did not take the file {file.name}.", "Ask again.", code="upload_failed")
        return str(place["file_id"])


def _form(audience: Audience, *, replace: bool) -> dict[str, Any]:
    shown = "in_channel" if audience is Audience.CHANNEL else "ephemeral"
    return {"response_type": shown, "replace_original": replace}


def _simpler(message: SlackMessage, code: str) -> SlackMessage | None:
    """The message in its simplest form, where that may help and has not been tried."""
    if code not in BLOCKS_REFUSED or message.source is None:
        return None
    _log.warning("blocks_refused", code=code, blocks=[block["type"] for block in message.blocks])
    return plain_message(message.source)
