"""The bot's own messages in a channel, read back: anchors of the audit log, and records kept in metadata.

They are still there when the data folder is lost or copied. Metadata is not secret: every app in the channel
can read it (slack-facts, 3.1).
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import SlackError
from bot.runtime.clock import Clock
from bot.runtime.lease_store import ClaimGone, LeaseClaim, LeaseHolder
from bot.slack.connection import BotIdentity, SlackConnection
from bot.slack.mrkdwn import escape
from bot.slack.web_api import SAFE, WebApiCalls

FIRST_PAGE, PAGE = 200, 999
"""Messages of the first call, where the latest mostly are, and of the others: 999 is the most that Slack
takes (Slack documentation, conversations.history)."""

ANCHOR_PAGES = 3
"""Calls: so far back is the latest anchor looked for among other messages."""

RECORD_PAGES = 100
"""Pages to look through for a record: about 100,000 messages. Only the first start in an old channel, and one
after a long stop, read more than the first."""

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""Refusals to edit a message for good."""

RENEWAL_SECONDS = 86_400.0
"""A record that was posted so long ago is posted again, so that it is found among the latest messages."""

LEASE = "pgbot_lease"


@dataclass(frozen=True, slots=True)
class OwnMessages:
    """The bot's own messages in conversations. Nobody else can post or edit one, and admins can delete it.

    Every method raises SlackError.
    """

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

    async def post(self, channel: str, text: str) -> None:
        """Post a text. Raises nothing when it is there although Slack did not say so."""
        try:
            await self.calls(self.client.chat_postMessage, channel=channel, text=text, **SAFE)
        except SlackError as error:
            if not (error.is_outcome_unknown and text in await self.read_own(channel, text)):
                raise

    async def read_own(self, channel: str, part: str) -> Sequence[str]:
        """Return the messages with `part` in them, oldest first: those of the latest page that has any.
        Raises SlackError, also when there are so many other messages that none was found."""
        async with aclosing(self.pages(channel, ANCHOR_PAGES)) as pages:
            async for page in pages:
                found = [str(each["text"]) for each in page if part in str(each["text"])]
                if found:
                    return found[::-1]
        return []


def open_own_messages(slack: SlackConnection, clock: Clock) -> OwnMessages:
    """Return the reader and writer of the bot's messages; nothing is read yet."""
    return OwnMessages(slack.client, WebApiCalls(clock), slack.workspace)


def _make_record(channel: str, words: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a message that is small and grey, and never marked as edited."""
    return {
        "channel": channel,
        "text": escape(words),
        "blocks": [{"type": "context", "elements": [{"type": "plain_text", "text": words}]}],
        "metadata": {"event_type": kind, "event_payload": content},
        **SAFE,
    }


@dataclass(slots=True)
class StateMessage:
    """One record in one channel, edited in place. `kind` tells it from the others, and `words` is what people
    read.

    One process at a time writes it. Of several messages, which an answer that was lost can leave behind, the
    newest counts.
    """

    channel: str
    kind: str
    words: str
    own: OwnMessages
    clock: Clock
    _ts: str = field(default="", init=False)

    async def read(self) -> dict[str, Any] | None:
        """Return the record as Slack has it now, None if there is none. Raises SlackError."""
        async for page in self.own.pages(self.channel, RECORD_PAGES):
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
        elif self.clock.now().timestamp() - float(self._ts) > RENEWAL_SECONDS:
            await self.replace(content)
        else:
            try:
                await self.own.calls(self.own.client.chat_update, ts=self._ts, **self._message(content))
            except SlackError as error:
                if error.code not in GONE:
                    raise
                await self._post(content)

    async def replace(self, content: Mapping[str, Any]) -> None:
        """Post the record again, and remove the last message. Raises SlackError."""
        last = self._ts
        await self._post(content)
        if last:
            with suppress(SlackError):  # the newer one counts; this one is only in the way
                await self.own.calls(self.own.client.chat_delete, channel=self.channel, ts=last)

    async def _post(self, content: Mapping[str, Any]) -> None:
        self._ts = ""  # if the answer is lost, the next write looks for the message first
        answer = await self.own.calls(self.own.client.chat_postMessage, **self._message(content))
        self._ts = str(answer["ts"])

    def _message(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return _make_record(self.channel, self.words, self.kind, dict(content))


@dataclass(frozen=True, slots=True)
class LeaseChannel:
    """The claims of bots to their Slack app in one channel; see `bot.runtime.bot_lease`. Every method raises
    SlackError."""

    channel: str
    own: OwnMessages

    async def post(self, claim: LeaseClaim, seconds: float) -> str:
        """Post a claim for so many seconds from when Slack stamps it; return the stamp."""
        answer = await self.own.calls(self.own.client.chat_postMessage, **self._message(claim, term=seconds))
        return str(answer["ts"])

    async def extend(self, claim: LeaseClaim) -> None:
        """Write the claim's new end. Raises ClaimGone."""
        message = self._message(claim, until=claim.until)
        try:
            await self.own.calls(self.own.client.chat_update, ts=claim.stamp, **message)
        except SlackError as error:
            if error.code in GONE:
                raise ClaimGone(error.sentence, error.next_step, code=error.code) from None
            raise

    async def remove(self, stamp: str) -> None:
        """Remove a claim; one that is gone already is fine."""
        try:
            await self.own.calls(self.own.client.chat_delete, channel=self.channel, ts=stamp)
        except SlackError as error:
            if error.code != "message_not_found":
                raise

    async def read(self, since: float) -> Sequence[LeaseClaim]:
        """Return the claims from `since` on, by Slack's clock in seconds since 1970, oldest first."""
        found: list[LeaseClaim] = []
        async for page in self.own.pages(self.channel, RECORD_PAGES, oldest=f"{since - 0.001:.6f}"):
            found += [claim for each in page if (claim := _read_claim(each)) is not None]
        return sorted(found, key=lambda each: each.stamp)

    def _message(self, claim: LeaseClaim, **ends: float) -> dict[str, Any]:
        holder = asdict(claim.holder) | {"since": claim.holder.since.isoformat()}
        words = (
            f"{claim.holder} uses this app. Other copies of the bot find this message and send nothing: "
            "please leave it here."
        )
        return _make_record(self.channel, words, LEASE, {**holder, "ends": claim.ends, **ends})


def _read_claim(message: Mapping[str, Any]) -> LeaseClaim | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != LEASE:
        return None
    content, stamp = metadata.get("event_payload") or {}, str(message["ts"])
    try:
        holder = LeaseHolder(
            since=datetime.fromisoformat(str(content["since"])),
            **{name: str(content[name]) for name in ("host", "folder", "home", "run")},
        )
        claim = LeaseClaim(holder=holder, stamp=stamp, ends=str(content["ends"]))
        until = content["until"] if "until" in content else float(stamp) + content["term"]
        return replace(claim, until=float(until))
    except (KeyError, TypeError, ValueError) as error:
        # Not left out: a claim of a later release may be in force.
        raise SlackError(
            f"The lease in message {stamp} can't be read ({type(error).__name__}).",
            "If no other bot is running, delete that message.",
        ) from None
