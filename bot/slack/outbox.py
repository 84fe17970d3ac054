"""Messages, edits and files that the bot sends to Slack."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import SlackError
from bot.domain.fair_order import MessagePriority
from bot.domain.reply import Audience, File, Reply
from bot.domain.request import Invocation
from bot.runtime.clock import Clock
from bot.slack.error_words import BLOCKS_REFUSED, NO_ANSWER, slack_error
from bot.slack.message_renderer import SlackMessage, plain_message, render
from bot.slack.mrkdwn import escape
from bot.slack.rate_limits import NO_PRIORITY, EditPace, MessagePace
from bot.slack.web_api import Method, ResponseUrlClient, RetryWait, WebApiCalls

SAFE = {"parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}
"""Sent with every message and edit, so that no text becomes a mention or a link (slack-facts, 7)."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Posted:
    """The address of a posted message; editing it needs both parts."""

    channel: str
    ts: str


class Outbox:
    """A sender within Slack's limits and rates. Every method raises SlackError and nothing else.

    `session` is the client's own, with a total timeout. No response_url, upload address or token is logged
    or part of an error.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        clock: Clock,
        retry_wait: RetryWait | None = None,
    ) -> None:
        self._client = client
        self._session = session
        self._retry_wait = retry_wait or RetryWait(clock)
        self._calls = WebApiCalls(clock, self._retry_wait)
        self._response_urls = ResponseUrlClient(session, clock, self._retry_wait)
        self._pace = MessagePace(clock, self._retry_wait)
        self._edits = EditPace(clock, self._edit, self._retry_wait)
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
        """Answer the invoker; the files go to their direct messages.

        If the response_url is missing, expired or used up, post in the channel, visible to `audience`, and
        by direct message if the bot may not post there.
        """
        content, is_sent = message, False
        if response_url:
            form = _form(audience, replace=replace)
            content, is_sent = await self._respond(response_url, message, form)
        if not is_sent:
            content = await self._answer_without_url(invocation, content, audience)
        if content.files:
            await self.upload(invocation.actor.id, content.files)

    async def show_progress(self, response_url: str, words: str, *, replace: bool) -> bool:
        """Show progress to the invoker only, or `replace` what is shown. Return whether Slack took it."""
        form = _form(Audience.PRIVATE, replace=replace) | {"text": escape(words)} | SAFE
        return not await self._response_urls.post(response_url, form, retry=False)

    async def remove_progress(self, response_url: str) -> None:
        """Remove the progress shown last; if that fails it stays."""
        code = await self._response_urls.post(response_url, {"delete_original": True}, retry=False)
        if code:
            _log.info("not_taken_back", code=code)

    async def post(
        self,
        channel: str,
        message: SlackMessage,
        *,
        thread: str | None = None,
        priority: MessagePriority = NO_PRIORITY,
    ) -> Posted:
        """Post in a channel or thread, without the message's files: see `upload`."""
        posted, _ = await self._post(channel, message, thread=thread, priority=priority)
        return posted

    async def ephemeral(
        self, channel: str, user: str, message: SlackMessage, *, thread: str | None = None
    ) -> None:
        """Show a message to one member of a channel; the files go to their direct messages."""
        where = {"channel": channel, "user": user} | ({} if thread is None else {"thread_ts": thread})
        _, sent = await self._send(self._client.chat_postEphemeral, message, **where)
        if sent.files:
            await self.upload(user, sent.files)

    async def direct(self, user: str, message: SlackMessage) -> Posted:
        """Send a direct message with its files."""
        channel = await self._direct_channel(user)
        posted, sent = await self._post(channel, message)
        if sent.files:
            await self.upload(channel, sent.files)
        return posted

    async def update(self, channel: str, ts: str, message: SlackMessage, *, urgent: bool = False) -> None:
        """Edit a message. Of several edits within three seconds only the latest is sent."""
        await self._edits.update(channel, ts, message, urgent=urgent)

    async def upload(self, to: str, files: Sequence[File]) -> None:
        """Send files to a person (`U…`, `W…`: by direct message) or into a channel (`C…`, `D…`, `G…`)."""
        channel = await self._direct_channel(to) if to.startswith(("U", "W")) else to
        uploaded = [{"id": await self._upload(file), "title": file.name} for file in files]
        await self._calls(self._client.files_completeUploadExternal, files=uploaded, channel_id=channel)

    async def wait(self, seconds: float) -> bool:
        """Wait before sending again. Return False if the bot stops first."""
        return await self._retry_wait.wait(seconds)

    def hurry(self) -> None:
        """Stop waiting for Slack because the bot stops. The next start sends what is not sent now."""
        self._retry_wait.stop()

    async def drain(self) -> None:
        """Wait until no edit is pending, at most five seconds."""
        given_up = await self._edits.drain()
        if given_up:
            _log.warning("edits_given_up", count=given_up)

    async def _answer_without_url(
        self, invocation: Invocation, message: SlackMessage, audience: Audience
    ) -> SlackMessage:
        user, channel = invocation.actor.id, invocation.channel
        try:
            if audience is Audience.CHANNEL and channel:
                return (await self._post(channel, message, priority=MessagePriority(user)))[1]
            if channel and not channel.startswith("D"):
                where = {"channel": channel, "user": user}
                return (await self._send(self._client.chat_postEphemeral, message, **where))[1]
        except SlackError as error:
            _log.info("answer_by_direct_message", code=error.code)
        return (await self._post(await self._direct_channel(user), message))[1]

    async def _post(
        self,
        channel: str,
        message: SlackMessage,
        *,
        thread: str | None = None,
        priority: MessagePriority = NO_PRIORITY,
    ) -> tuple[Posted, SlackMessage]:
        await self._pace.wait_turn(channel, priority)
        where = {"channel": channel} if thread is None else {"channel": channel, "thread_ts": thread}
        answer, sent = await self._send(self._client.chat_postMessage, message, **where)
        return Posted(str(answer["channel"]), str(answer["ts"])), sent

    async def _edit(self, channel: str, ts: str, message: SlackMessage) -> None:
        await self._send(self._client.chat_update, message, channel=channel, ts=ts)

    async def _send(
        self, method: Method, message: SlackMessage, **where: str
    ) -> tuple[AsyncSlackResponse, SlackMessage]:
        """Send the message, and again in its simplest form if Slack refuses its blocks."""
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
        """Return the message that was sent, or is to be sent another way, and whether it was sent."""
        code = await self._response_urls.post(url, {**form, **message.payload(), **SAFE})
        simple = _simpler(message, code)
        if simple is not None:
            message = simple
            code = await self._response_urls.post(url, {**form, **message.payload(), **SAFE})
        if code:
            _log.info("response_url_refused", code=code)
        return message, not code

    async def _direct_channel(self, user: str) -> str:
        if user not in self._direct_channels:
            opened = await self._calls(self._client.conversations_open, users=user)
            channel = opened.get("channel")
            if not isinstance(channel, dict) or "id" not in channel:
                raise slack_error(NO_ANSWER)
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
            raise slack_error(NO_ANSWER) from None
        if status != 200:
            raise SlackError(f"Slack did not take the file {file.name}.", "Ask again.", code="upload_failed")
        return str(place["file_id"])


@dataclass(frozen=True, slots=True)
class SlackNotices:
    """Messages that the bot posts unasked, such as cards of changes and reports."""

    outbox: Outbox

    async def post(
        self, channel: str, reply: Reply, thread: str = "", priority: MessagePriority = NO_PRIORITY
    ) -> tuple[str, str]:
        """Post in a channel, or to a person by id, and return the message's channel and ts."""
        message = render(reply)
        if channel.startswith(("U", "W")):
            posted = await self.outbox.direct(channel, message)
        else:
            posted = await self.outbox.post(channel, message, thread=thread or None, priority=priority)
        return posted.channel, posted.ts

    async def edit(self, channel: str, ts: str, reply: Reply, *, urgent: bool = False) -> None:
        """Edit a message."""
        await self.outbox.update(channel, ts, render(reply), urgent=urgent)


def _form(audience: Audience, *, replace: bool) -> dict[str, Any]:
    shown = "in_channel" if audience is Audience.CHANNEL else "ephemeral"
    return {"response_type": shown, "replace_original": replace}


def _simpler(message: SlackMessage, code: str) -> SlackMessage | None:
    """Return the message in its simplest form, None if that would not help or was tried before."""
    if code not in BLOCKS_REFUSED or message.source is None:
        return None
    _log.warning("blocks_refused", code=code, blocks=[block["type"] for block in message.blocks])
    return plain_message(message.source)
