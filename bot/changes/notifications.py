"""Cards and threads in Slack, kept up to date with the rows of changes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog

from bot.changes.card import load_card, mention_parts
from bot.changes.record import Card, ChangeRecord, Milestone
from bot.changes.run_log import RunLog
from bot.changes.store import THREAD, Places
from bot.domain.errors import SlackError
from bot.domain.reply import Note, Reply
from bot.settings.model import Settings

log = structlog.get_logger()

GONE = frozenset(
    {"message_not_found", "channel_not_found", "not_in_channel", "is_archived", "thread_not_found"}
)
"""Slack's words for places that will not come back by waiting."""

AWAY = frozenset(
    {
        *("no_answer", "ratelimited", "request_timeout"),
        *("internal_error", "fatal_error", "service_unavailable", "team_added_to_org"),
    }
)
"""Words for a Slack that takes nothing from us at all for the moment."""

FIRST_PAUSE, MAX_PAUSE = 60.0, 3_600.0
"""Seconds until a card that Slack refuses is tried again: at first, and in the end."""

MAX_LINES = 100
"""Lines posted before it is the cards' turn again."""


class Notices(Protocol):
    """Slack, as far as changes need it. All raise SlackError."""

    async def post(self, channel: str, reply: Reply, thread: str = "") -> tuple[str, str]:
        """Post in a channel, or to a person by id; returns the channel and the message's ts."""
        ...

    async def edit(self, channel: str, ts: str, reply: Reply) -> None:
        """Edit in place."""
        ...


@dataclass(slots=True)
class _Pause:
    """The pause after a refused card: its length in seconds, and its end."""

    seconds: float = 0.0
    until: float = float("-inf")

    def lengthen(self, now: float) -> None:
        self.seconds = min(max(self.seconds * 2, FIRST_PAUSE), MAX_PAUSE)
        self.until = now + self.seconds


@dataclass(slots=True, kw_only=True)
class ChangeNotifier:
    """Posts cards and thread lines for the scheduler. Everything here may be done twice without harm."""

    run_log: RunLog
    notices: Notices
    settings: Settings
    at_point: Callable[[str], None] = lambda _name: None
    _pauses: dict[tuple[str, str], _Pause] = field(default_factory=dict)
    """Pauses by change and channel: they only save calls, and are gone after a restart."""
    _posted_cards: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Cards by change and place that were posted while the row that says so could not be written: never post
    them again."""
    _posted_lines: set[int] = field(default_factory=set)
    """Thread lines that were posted in the same situation."""

    async def post_cards(self) -> None:
        """Post those that are not there yet, and bring the others up to date."""
        for record in await self.run_log.rows.uncarded(self._paused_places()):
            await self._run_isolated(record.id, "", partial(self._post_first_card, record))
        for missing in await self.run_log.rows.wanted_cards(self._paused_places()):
            await self._run_isolated(
                missing.change_id, missing.channel, partial(self._post_further_card, missing)
            )
        for stale in await self.run_log.rows.stale_cards(self._paused_places()):
            await self._run_isolated(stale.change_id, stale.channel, partial(self._edit_card, stale))

    async def post_lines(self) -> None:
        """Post the thread lines that are missing: those of one change in order, all changes in turn."""
        left = MAX_LINES
        while left > 0 and (lines := await self.run_log.rows.unposted(self._paused_places(), left)):
            left -= len(lines)
            for milestone in lines:
                await self._run_isolated(milestone.change_id, THREAD, partial(self._post_line, milestone))

    def _paused_places(self) -> Places:
        """Return the places to leave alone for now, so that they do not delay what can be posted."""
        now = self.run_log.clock.monotonic()
        return [place for place, pause in self._pauses.items() if now < pause.until]

    async def _run_isolated(self, change_id: str, place: str, job: Callable[[], Awaitable[None]]) -> None:
        """Run one job. A refusal by Slack must not delay other changes nor be repeated at once; while Slack
        is away, everything waits."""
        try:
            await job()
        except SlackError as error:
            if error.code in AWAY:
                raise
            pause = self._pauses.setdefault((change_id, place), _Pause())
            pause.lengthen(self.run_log.clock.monotonic())
            log.warning("not told in Slack", change=change_id, error=str(error), again_in=pause.seconds)
        else:
            self._pauses.pop((change_id, place), None)

    # Cards

    async def _post_first_card(self, record: ChangeRecord) -> None:
        """Post the first card empty and fill it by an edit: a card that a crash leaves behind must say
        nothing untrue."""
        place = self._card_place(record)
        try:
            await self._put_card(record, place)
        except SlackError as error:
            if error.code in AWAY:
                raise
            await self._post_to_requester(record, place, error)

    async def _put_card(self, record: ChangeRecord, place: str) -> None:
        """Post an empty one there. Raises SlackError, or StoreError: then it is there, and not yet noted."""
        if (record.id, place) not in self._posted_cards:
            self._posted_cards[record.id, place] = await self.notices.post(place, _empty_card(record))
        self.at_point("card posted")
        channel, ts = self._posted_cards[record.id, place]
        await self.run_log.rows.put_card(Card(record.id, channel, ts, 0), got=(place,))
        del self._posted_cards[record.id, place]
        self.at_point("card recorded")

    async def _post_to_requester(self, record: ChangeRecord, place: str, error: SlackError) -> None:
        """Post the card to the requester, with the reason: a channel that the bot is not in must not hide a
        change. The channel is retried, seldom, while the change is open."""
        log.warning("card not posted in its channel", change=record.id, error=str(error))
        if place != record.requester.id:
            await self.run_log.record_refused_card(record, place, error)
            self._pauses.setdefault((record.id, place), _Pause()).lengthen(self.run_log.clock.monotonic())
        await self._put_card(record, record.requester.id)

    async def _post_further_card(self, missing: Card) -> None:
        """Post a card in a report's channel that asked for the change, to the person in whose name it did, or
        where Slack refused the first card."""
        record = await self.run_log.get_change(missing.change_id)
        try:
            await self._put_card(record, missing.channel)
        except SlackError as error:
            if error.code in AWAY:
                raise
            if not record.is_open:
                await self.run_log.rows.drop_card(missing)
                return
            await self.run_log.record_refused_card(record, missing.channel, error)
            raise

    async def _edit_card(self, stale: Card) -> None:
        record = await self.run_log.get_change(stale.change_id)
        try:
            await self.notices.edit(stale.channel, stale.ts, await load_card(record, self.run_log.rows))
        except SlackError as error:
            if error.code in AWAY:
                log.warning("card not edited", change=record.id, error=str(error))
                return
            if record.is_open or error.code not in GONE:
                raise
        await self.run_log.rows.put_card(Card(stale.change_id, stale.channel, stale.ts, record.version))

    def _card_place(self, record: ChangeRecord) -> str:
        """Return the cluster's channel, else the one for approvals, else where it was requested, else the
        requester."""
        tagged = self.settings.tags(record.plan.target.as_cluster()).channel
        return tagged or self.settings.approvals.channel or record.requester.channel or record.requester.id

    # Threads

    async def _post_line(self, milestone: Milestone) -> None:
        if milestone.id not in self._posted_lines:
            await self._post_below_cards(milestone)
            self._posted_lines.add(milestone.id)
        self.at_point("milestone posted")
        await self.run_log.rows.posted(milestone.id, self.run_log.clock.now())
        self._posted_lines.discard(milestone.id)

    async def _post_below_cards(self, milestone: Milestone) -> None:
        tells = milestone.tells
        for each in await self.run_log.rows.cards(milestone.change_id):
            try:
                await self.notices.post(each.channel, Reply(milestone.words, mention_parts(tells)), each.ts)
            except SlackError as error:
                if error.code not in GONE:
                    raise
                log.warning("milestone not posted", change=milestone.change_id, error=str(error))
            else:
                tells = ()  # people are mentioned once, however many cards there are


def _empty_card(record: ChangeRecord) -> Reply:
    what = Note(f"Change {record.id}, asked for by {record.requester.name}. “change show” tells of it.")
    return Reply(record.plan.action, (what,))
