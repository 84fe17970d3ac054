"""Messages, edits and files that the bot sends to Slack.

What is posted has a key and goes through the delivery log. Two things cannot be looked for in a conversation,
so that they are not repeated after an unknown outcome: a message to one member of a channel, and an answer to
a response_url, unless it takes the place of another one and may be sent twice. Then a direct message follows,
which says that it may be the second.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import SlackError
from bot.domain.fair_order import MessagePriority
from bot.domain.reply import Audience, File, Note, Reply
from bot.domain.request import Invocation
from bot.runtime.logger import get_logger
from bot.slack.delivery_log import SECOND_COPY, DeliveryLog, DeliveryRetry, SlackDelivery, metadata
from bot.slack.message_renderer import SlackMessage, plain_message, render
from bot.slack.mrkdwn import escape
from bot.slack.rate_limits import NO_PRIORITY, EditPace, MessagePace
from bot.slack.web_api import (
    BLOCKS_REFUSED,
    NO_ANSWER,
    NOT_CONNECTED,
    SAFE,
    Method,
    ResponseUrlClient,
    WebApiCalls,
    failure_code,
    slack_error,
)

UNCONFIRMED = "Slack did not confirm that it showed you this where you asked, so you may see it twice."

_log = get_logger()


class Outbox:
    """A sender within Slack's limits and rates. Its methods raise SlackError, and StoreError where the log
    cannot be written; then nothing was sent, or it is found at the next try.

    `session` is the client's own, with a total timeout. No response_url, upload address or token is logged
    or part of an error.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        calls: WebApiCalls,
        deliveries: DeliveryLog,
    ) -> None:
        self._client = client
        self._session = session
        self._calls = calls
        self.deliveries = deliveries
        self.retry_wait = calls.retry_wait
        self._response_urls = ResponseUrlClient(session, calls.retry_wait)
        self._pace = MessagePace(calls.retry_wait)
        self._edits = EditPace(calls.retry_wait, self._edit)
        self._direct_channels: dict[str, str] = {}
        self.keep_sending = DeliveryRetry(calls.retry_wait)

    async def answer(
        self,
        invocation: Invocation,
        response_url: str,
        message: SlackMessage,
        audience: Audience,
        *,
        replace: bool = False,
    ) -> None:
        """Answer the invoker, again and again while Slack takes nothing; files go by direct message.

        If the response_url is missing, expired or used up, post in the channel, visible to `audience`, and
        by direct message if the bot may not post there.
        """
        content, code = message, NOT_CONNECTED
        if response_url:
            content, code = await self._respond(response_url, message, _form(audience, replace=replace))
        user, key = invocation.actor.id, answer_key(invocation.trace)
        if code == NO_ANSWER:
            await self.keep_sending(user, lambda: self._send_copy(user, content, key))
        elif code:
            content = await self.keep_sending(
                invocation.channel or user, lambda: self._answer_without_url(invocation, content, audience)
            )
        if content.files:
            await self.keep_sending(user, lambda: self.upload(user, content.files, key=key))

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
        key: str,
        thread: str = "",
        priority: MessagePriority = NO_PRIORITY,
    ) -> SlackDelivery:
        """Post in a channel or thread, without the message's files: see `upload`."""
        return (await self._post(channel, message, key=key, thread=thread, priority=priority))[0]

    async def ephemeral(
        self, channel: str, user: str, message: SlackMessage, *, key: str, thread: str = ""
    ) -> SlackMessage:
        """Show a message to one member of a channel, without its files, and return it as it was sent.

        Nobody can look for it: where it may be there or not, it is sent by direct message, and says so.
        """
        sent = message

        async def send(_is_copy: bool) -> tuple[str, str]:  # noqa: FBT001 - the log's protocol
            nonlocal sent
            where = {"channel": channel, "user": user} | ({"thread_ts": thread} if thread else {})
            answer, sent = await self._send(self._client.chat_postEphemeral, message, **where)
            return channel, str(answer.get("message_ts"))

        unseen = SlackDelivery(key=f"{key}:shown", channel=channel, mark="", thread=thread)
        if not await self.deliveries.send_unseen(unseen, send):
            sent = await self._send_copy(user, message, key)
        return sent

    async def direct(self, user: str, message: SlackMessage, *, key: str) -> SlackDelivery:
        """Send a direct message with its files."""
        channel = await self._direct_channel(user)
        posted, sent = await self._post(channel, message, key=key)
        if sent.files:
            await self.upload(channel, sent.files, key=key)
        return posted

    async def send_direct(self, user: str, reply: Reply) -> None:
        """Send a direct message that is a new one each time."""
        await self.direct(user, render(reply), key=f"direct:{token_hex(8)}")

    async def update(self, channel: str, ts: str, message: SlackMessage, *, urgent: bool = False) -> None:
        """Edit a message. Of several edits within three seconds only the latest is sent."""
        await self._edits.update(channel, ts, message, urgent=urgent)

    async def upload(self, to: str, files: Sequence[File], *, key: str) -> None:
        """Send files to a person (`U…`, `W…`: by direct message) or into a channel (`C…`, `D…`, `G…`)."""
        channel = await self._direct_channel(to) if to.startswith(("U", "W")) else to
        uploaded = [{"id": await self._upload(file), "title": file.name} for file in files]

        async def send(is_copy: bool) -> tuple[str, str]:  # noqa: FBT001 - the log's protocol
            comment = {"initial_comment": SECOND_COPY} if is_copy else {}
            await self._calls(
                self._client.files_completeUploadExternal, files=uploaded, channel_id=channel, **comment
            )
            return channel, uploaded[0]["id"]

        mark = ",".join(each["id"] for each in uploaded)
        await self.deliveries.send_once(SlackDelivery(key=f"{key}:files", channel=channel, mark=mark), send)

    async def drain(self) -> None:
        """Wait until no edit is pending, at most five seconds."""
        given_up = await self._edits.drain()
        if given_up:
            _log.warning("edits_given_up", count=given_up)

    async def _answer_without_url(
        self, invocation: Invocation, message: SlackMessage, audience: Audience
    ) -> SlackMessage:
        user, channel = invocation.actor.id, invocation.channel
        key = answer_key(invocation.trace)
        try:
            if audience is Audience.CHANNEL and channel:
                return (await self._post(channel, message, key=key, priority=MessagePriority(user)))[1]
            if channel and not channel.startswith("D"):
                return await self.ephemeral(channel, user, message, key=key)
        except SlackError as error:
            if error.trouble.passes:
                raise
            _log.info("answer_by_direct_message", code=error.code)
        return (await self._post(await self._direct_channel(user), message, key=f"{key}:direct"))[1]

    async def _send_copy(self, user: str, message: SlackMessage, key: str) -> SlackMessage:
        """Send by direct message what may have been shown to a person in a way that nobody can look for."""
        copy = with_note(message, UNCONFIRMED)
        return (await self._post(await self._direct_channel(user), copy, key=f"{key}:direct"))[1]

    async def _post(
        self,
        channel: str,
        message: SlackMessage,
        *,
        key: str,
        thread: str = "",
        priority: MessagePriority = NO_PRIORITY,
    ) -> tuple[SlackDelivery, SlackMessage]:
        sent, is_new = message, False
        where = {"channel": channel} | ({"thread_ts": thread} if thread else {})

        async def send(is_copy: bool) -> tuple[str, str]:  # noqa: FBT001 - the log's protocol
            nonlocal sent, is_new
            is_new, sent = True, with_note(message, SECOND_COPY) if is_copy else message
            answer, sent = await self._send(
                self._client.chat_postMessage, sent, **where, metadata=metadata(key)
            )
            place, ts = answer.get("channel"), answer.get("ts")
            if not (isinstance(place, str) and isinstance(ts, str)):
                raise slack_error(NO_ANSWER)
            return place, ts

        await self._pace.wait_turn(channel, priority)
        delivery = SlackDelivery(key=key, channel=channel, mark=key, thread=thread)
        known = await self.deliveries.send_once(delivery, send)
        if not is_new:
            # What was sent then may have said something else. It is there, whether it can be edited or not.
            with suppress(SlackError):
                shown = with_note(message, SECOND_COPY) if known.is_copied else message
                await self.update(known.channel, known.ts, shown)
        return known, sent

    async def _edit(self, channel: str, ts: str, message: SlackMessage) -> None:
        await self._send(self._client.chat_update, message, channel=channel, ts=ts)

    async def _send(
        self, method: Method, message: SlackMessage, **where: Any
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
    ) -> tuple[SlackMessage, str]:
        """Return the message that was sent, or is to be sent another way, and Slack's word; empty if it is
        shown, NO_ANSWER if it may be."""
        code = await self._response_urls.post(url, {**form, **message.payload(), **SAFE})
        simple = _simpler(message, code)
        if simple is not None:
            message = simple
        if simple is not None or (code == NO_ANSWER and form["replace_original"]):
            code = await self._response_urls.post(url, {**form, **message.payload(), **SAFE})
        if code:
            _log.info("response_url_refused", code=code)
        return message, code

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
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise slack_error(failure_code(error)) from None
        if status != 200:
            raise SlackError(f"Slack did not take the file {file.name}.", "Ask again.", code="upload_failed")
        return str(place["file_id"])


@dataclass(frozen=True, slots=True)
class SlackNotices:
    """Messages that the bot posts unasked, such as cards of changes and reports."""

    outbox: Outbox

    async def post(
        self,
        channel: str,
        reply: Reply,
        thread: str = "",
        priority: MessagePriority = NO_PRIORITY,
        *,
        key: str,
    ) -> tuple[str, str]:
        """Post in a channel, or to a person by id, and return the message's channel and ts."""
        message = render(reply)
        if channel.startswith(("U", "W")):
            posted = await self.outbox.direct(channel, message, key=key)
        else:
            posted = await self.outbox.post(channel, message, key=key, thread=thread, priority=priority)
        return posted.channel, posted.ts

    async def edit(self, channel: str, ts: str, reply: Reply, *, urgent: bool = False) -> None:
        await self.outbox.update(channel, ts, render(reply), urgent=urgent)


def answer_key(trace: str) -> str:
    return f"answer:{trace}"


def with_note(message: SlackMessage, words: str) -> SlackMessage:
    if message.source is None:
        return replace(message, text=f"{message.text}\n{words}")
    return render(replace(message.source, parts=(*message.source.parts, Note(words))))


def _form(audience: Audience, *, replace: bool) -> dict[str, Any]:
    shown = "in_channel" if audience is Audience.CHANNEL else "ephemeral"
    return {"response_type": shown, "replace_original": replace}


def _simpler(message: SlackMessage, code: str) -> SlackMessage | None:
    """Return the message in its simplest form, None if that would not help or was tried before."""
    if code not in BLOCKS_REFUSED or message.source is None:
        return None
    _log.warning("blocks_refused", code=code, blocks=[block["type"] for block in message.blocks])
    return plain_message(message.source)
