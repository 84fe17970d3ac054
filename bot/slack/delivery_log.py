"""The log of what the bot sends to Slack: a key for each message, kept before it is sent and looked for
before it is ever sent again. Answers that Slack does not take are sent again while the bot runs.

Rule: a call without a clear answer may have been carried out. Then the message is looked for in its
conversation, by the key in its metadata or the ids of its files. If nobody can look there, one copy is sent,
which says that it may be the second; never another one. A message to one member of a channel is kept, too,
but cannot be looked for, and is never sent again; an answer to a response_url is the inbox's to know of. What
follows in their place is in `bot.slack.outbox`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.domain.errors import SlackError, StoreError
from bot.domain.slack_trouble import SlackTrouble
from bot.runtime.clock import Clock
from bot.runtime.database.columns import optional_time, time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, insert_new, update
from bot.runtime.logger import get_logger
from bot.slack.own_messages import OwnMessages
from bot.slack.web_api import NO_ANSWER, RetryWait, slack_error

T = TypeVar("T")

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

KEEP_ANSWER = timedelta(minutes=15)
"""Time for which an answer is kept. It may be private, so it is never written to disk, and it is in the
memory of the process for no longer than that: a key in memory would protect nothing better. After that, or
a restart, the person hears that it was lost; see `bot.slack.responder`."""

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds until the next try, doubled with each one."""

log = get_logger()

Send = Callable[[bool], Awaitable[tuple[str, str]]]
"""Sends a message, one that `may be the second` or not, and returns its channel and ts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackDelivery:
    """A message by its key. `ts` is empty until it is known to be there; `tried_at` is the time of a try
    whose outcome is not known.

    `mark` is what tells it from others in the conversation: the key in its metadata, or the ids of its files.
    `is_copied`: a second one was sent although nobody could look for the first.
    """

    key: str
    channel: str
    mark: str
    thread: str = ""
    ts: str = ""
    tried_at: datetime | None = None
    is_copied: bool = False


class DeliveryRows:
    """Store of deliveries. Writes are on disk when they return; all methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def begin(self, delivery: SlackDelivery, at: datetime) -> SlackDelivery | None:
        """Note that a message is about to be sent, or return what is known of one that may be there."""
        row = {
            "key": delivery.key,
            "channel": delivery.channel,
            "thread": delivery.thread,
            "mark": delivery.mark,
            "tried_at": time_to_text(at),
        }

        def work(db: Transaction) -> SlackDelivery | None:
            if insert_new(db, "deliveries", row | {"kept_at": time_to_text(at)}):
                return None
            [known] = [_delivery(each) for each in db.query(_BY_KEY, [delivery.key])]
            if known.ts or known.tried_at is not None:
                return known
            update(db, "deliveries", row, "key = ?", [delivery.key])
            return None

        return await self._database.write(work)

    async def get(self, key: str) -> SlackDelivery | None:
        """Return what is known of a message; None for one that was never tried."""
        found = await self._database.read(lambda db: [_delivery(each) for each in db.query(_BY_KEY, [key])])
        return found[0] if found else None

    async def set_state(self, delivery: SlackDelivery) -> None:
        tried_at = None if delivery.tried_at is None else time_to_text(delivery.tried_at)
        row = {
            "channel": delivery.channel,
            "mark": delivery.mark,
            "ts": delivery.ts,
            "tried_at": tried_at,
            "is_copied": delivery.is_copied,
        }
        await self._database.write(lambda db: update(db, "deliveries", row, "key = ?", [delivery.key]))

    async def forget(self, before: datetime) -> None:
        """Delete what was first tried before a time."""
        statement = "DELETE FROM deliveries WHERE kept_at < ?"
        await self._database.write(lambda db: db.execute(statement, [time_to_text(before)]))


_BY_KEY = "SELECT * FROM deliveries WHERE key = ?"


def _delivery(row: dict[str, Any]) -> SlackDelivery:
    known = {name: row[name] for name in ("key", "channel", "mark", "thread", "ts")}
    return SlackDelivery(**known, tried_at=optional_time(row["tried_at"]), is_copied=bool(row["is_copied"]))


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


class DeliveryRetry:
    """Repeats a sending whose parts have keys, so that what is there is not sent again."""

    def __init__(self, retry_wait: RetryWait) -> None:
        self._clock, self._retry_wait = retry_wait.clock, retry_wait
        self._lines: dict[str, list[asyncio.Event]] = {}

    async def __call__(self, conversation: str, send: Callable[[], Awaitable[T]]) -> T:
        """Send, behind what is being retried for the conversation, and again while the trouble passes.

        Raises SlackError: what does not pass at once, the rest after `KEEP_ANSWER` or when the bot stops.
        """
        until = self._clock.monotonic() + KEEP_ANSWER.total_seconds()
        if conversation not in self._lines:
            try:
                return await send()
            except SlackError as error:
                if not error.trouble.passes:
                    raise
                log.warning("sending again", conversation=conversation, code=error.code)
                first = error
        else:
            first = None
        turn = asyncio.Event()
        line = self._lines.setdefault(conversation, [])
        line.append(turn)
        try:
            if line[0] is not turn:
                await turn.wait()
            return await self._repeat(send, until, first)
        finally:
            line.remove(turn)
            if line:
                line[0].set()
            else:
                del self._lines[conversation]

    async def _repeat(self, send: Callable[[], Awaitable[T]], until: float, error: SlackError | None) -> T:
        pause = FIRST_PAUSE
        while True:
            if error is not None:
                left = until - self._clock.monotonic()
                if left <= 0 or not await self._retry_wait.wait(min(pause, left)):
                    raise error
                pause = min(2 * pause, LONGEST_PAUSE)
            try:
                return await send()
            except SlackError as refused:
                if not refused.trouble.passes:
                    raise
                error = refused


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
