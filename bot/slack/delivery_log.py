"""The log of what the bot sends to Slack: a key for each message, kept before it is sent and looked for
before it is ever sent again.

Rule: a call without a clear answer may have been carried out. Then the message is looked for in its
conversation, by the key in its metadata or the ids of its files. If nobody can look there, one copy is sent,
which says that it may be the second; never another one. A message to one member of a channel is kept, too,
but cannot be looked for, and is never sent again; an answer to a response_url is the inbox's to know of. What
follows in their place is in `bot.slack.outbox`.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.domain.errors import SlackError, StoreError
from bot.domain.slack_trouble import SlackTrouble
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.slack.delivery_store import DeliveryRows, SlackDelivery
from bot.slack.error_words import NO_ANSWER, slack_error
from bot.slack.own_messages import OwnMessages

SETTLE = timedelta(seconds=40)
"""Time from a call until its message, if it was ever taken in, is in the history: the bot waits ten seconds
for an answer, and Slack was seen to answer after 13."""

LOOK_FOR = timedelta(minutes=10)
"""Time for which a history that Slack does not hand out just now is asked for, before a copy is sent."""

CLOCK_SKEW = timedelta(minutes=5)
"""Difference between Slack's clock and the bot's for which a message is still found."""

KEEP = timedelta(days=30)
"""Time for which keys are kept; nothing is tried for so long."""

TIDY_SECONDS = 3_600.0

PAGES = 3
"""Calls: so far back is a message looked for among those of others."""

EVENT = "pgbot_message"

SECOND_COPY = "This may be here twice: Slack didn't confirm an earlier copy, and the bot couldn't check."

log = get_logger()

Send = Callable[[bool], Awaitable[tuple[str, str]]]
"""Sends a message, one that `may be the second` or not, and returns its channel and ts."""


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    """Sends each message once, however often it is asked to and whatever process asked before."""

    rows: DeliveryRows
    own: OwnMessages
    clock: Clock

    async def send_once(self, delivery: SlackDelivery, send: Send) -> SlackDelivery:
        """Send the message unless it is there, and return its row with the ts.

        Raises SlackError, also while it is not known whether the message is there; and StoreError, then it is
        not sent, or is found by its key at the next try.
        """
        before = await self.rows.begin(delivery, self.clock.now())
        now, if_refused = replace(delivery, tried_at=self.clock.now()), delivery
        if before is not None:
            if before.ts:
                return before
            try:
                found = await self._find(before)
            except SlackError as error:
                now, if_refused = self._make_copy(before, delivery, error), before
            else:
                if found is not None:
                    return found
                if self._age(before) < SETTLE:
                    raise slack_error(NO_ANSWER)
                now = replace(now, is_copied=before.is_copied)
            await self.rows.set_state(now)
        return await self._send(now, if_refused, send)

    async def _send(self, delivery: SlackDelivery, if_refused: SlackDelivery, send: Send) -> SlackDelivery:
        try:
            place = await send(delivery.is_copied)
        except SlackError as error:
            if not error.is_outcome_unknown:
                await self.rows.set_state(if_refused)
                raise
            if not delivery.is_copied:
                # The call may have waited for its turn until now.
                delivery = replace(delivery, tried_at=self.clock.now())
                await self.rows.set_state(delivery)
            found = await self._find_quietly(delivery)
            if found is None:
                raise
            return found
        return await self._note_sent(delivery, *place)

    async def send_unseen(self, delivery: SlackDelivery, send: Send) -> bool:
        """Send what nobody can look for, at most once; return False where it may be there or not.

        Raises SlackError where it is surely not there, and StoreError.
        """
        before = await self.rows.begin(delivery, self.clock.now())
        if before is not None:
            return before.ts != ""
        try:
            place = await send(False)  # noqa: FBT003 - the protocol of Send
        except SlackError as error:
            if error.is_outcome_unknown:
                return False
            await self.rows.set_state(delivery)
            raise
        await self._note_sent(delivery, *place)
        return True

    async def is_there(self, key: str) -> bool:
        """Return whether a message is known to be there, by its row or in its conversation. Never raises."""
        try:
            known = await self.rows.get(key)
        except StoreError:
            return False
        if known is None or known.tried_at is None:
            return known is not None and known.ts != ""
        return await self._find_quietly(known) is not None

    async def keep_tidy(self) -> None:
        """Forget old keys, now and every hour until cancelled; not while the clock is in doubt."""
        while True:
            try:
                if self.clock.doubt is None:
                    await self.rows.forget(self.clock.now() - KEEP)
            except StoreError as error:
                log.warning("deliveries not tidied", error=str(error))
            await self.clock.sleep(TIDY_SECONDS)

    def _make_copy(self, before: SlackDelivery, delivery: SlackDelivery, error: SlackError) -> SlackDelivery:
        """Return the one copy of a message that nobody can look for. Raises SlackError until it is due."""
        is_later = error.trouble is SlackTrouble.LATER and self._age(before) < LOOK_FOR
        if before.is_copied or is_later:
            raise slack_error(NO_ANSWER) from None
        log.warning("sent again without a look", key=before.key, error=str(error))
        # The first may still be there: either is looked for from now on.
        marks = dict.fromkeys([*before.mark.split(","), *delivery.mark.split(",")])
        return replace(before, mark=",".join(marks), is_copied=True)

    def _age(self, known: SlackDelivery) -> timedelta:
        """Return the time since the last call for a message without a clear answer."""
        return self.clock.now() - (known.tried_at or self.clock.now())

    async def _find_quietly(self, known: SlackDelivery) -> SlackDelivery | None:
        try:
            return await self._find(known)
        except SlackError as error:
            log.warning("message not looked for", key=known.key, error=str(error))
            return None

    async def _find(self, known: SlackDelivery) -> SlackDelivery | None:
        """Look for a message in its conversation, and note it if it is there. Raises SlackError."""
        assert known.tried_at is not None  # noqa: S101 - the callers have looked
        if known.tried_at > self.clock.now() + CLOCK_SKEW:
            # The machine's clock was wrong then: what is looked for may be older than it says.
            raise slack_error("invalid_ts_oldest")
        oldest = f"{(known.tried_at - CLOCK_SKEW).timestamp():.6f}"
        found = self.own.pages(known.channel, PAGES, thread=known.thread, oldest=oldest)
        async with aclosing(found) as pages:
            async for page in pages:
                for message in page:
                    if not marks_of(message).isdisjoint(known.mark.split(",")):
                        return await self._note_sent(known, known.channel, str(message["ts"]))
        return None

    async def _note_sent(self, known: SlackDelivery, channel: str, ts: str) -> SlackDelivery:
        sent = replace(known, channel=channel, ts=ts, tried_at=None)
        await self.rows.set_state(sent)
        return sent


def metadata(key: str) -> dict[str, Any]:
    """Return the metadata by which a message is found again."""
    return {"event_type": EVENT, "event_payload": {"key": key}}


def marks_of(message: Mapping[str, Any]) -> set[str]:
    """Return the key of a message in a history, and the ids of its files."""
    given = message.get("metadata") or {}
    key = (given.get("event_payload") or {}).get("key") if given.get("event_type") == EVENT else None
    return {str(each["id"]) for each in message.get("files") or []} | (
        {key} if isinstance(key, str) else set()
    )
