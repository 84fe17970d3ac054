"""Keeps Slack at what the rows say: a change's cards, and its story in the threads below them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog

from bot.changes.card import told
from bot.changes.queue import full_card
from bot.changes.record import Card, ChangeRecord, Milestone
from bot.changes.run_log import RunLog
from bot.changes.store import STORY, Places
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

SOON, SELDOM = 60.0, 3_600.0
"""Seconds until a card that Slack refuses is tried again: at first, and in the end."""

MOST = 100
"""Lines that are told before it is the cards' turn again."""


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
    """How long a card that was refused is left alone, in seconds, and until when."""

    seconds: float = 0.0
    until: float = float("-inf")

    def lengthen(self, now: float) -> None:
        self.seconds = min(max(self.seconds * 2, SOON), SELDOM)
        self.until = now + self.seconds


@dataclass(slots=True, kw_only=True)
class ChangeNotifier:
    """The conductor's way to tell people. Everything here may be done twice without harm."""

    story: RunLog
    notices: Notices
    settings: Settings
    at_point: Callable[[str], None] = lambda _name: None
    _pauses: dict[tuple[str, str], _Pause] = field(default_factory=dict)
    """By change and channel: only a saving of calls, gone after a restart."""
    _cards: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """What was posted, by change and place, while the row that says so could not be written: not again."""
    _lines: set[int] = field(default_factory=set)
    """Lines of which the same holds."""

    async def cards(self) -> None:
        """Post those that are not there yet, and bring the others up to date."""
        for record in await self.story.rows.uncarded(self._paused()):
            await self._patiently(record.id, "", partial(self._first_card, record))
        for wanted in await self.story.rows.wanted_cards(self._paused()):
            await self._patiently(wanted.change_id, wanted.channel, partial(self._further_card, wanted))
        for stale in await self.story.rows.stale_cards(self._paused()):
            await self._patiently(stale.change_id, stale.channel, partial(self._edit, stale))

    async def threads(self) -> None:
        """Post the lines of stories that are not there yet: each story in order, all stories in turn."""
        left = MOST
        while left > 0 and (lines := await self.story.rows.unposted(self._paused(), left)):
            left -= len(lines)
            for milestone in lines:
                await self._patiently(milestone.change_id, STORY, partial(self._tell, milestone))

    def _paused(self) -> Places:
        """What is left alone for the moment: it must not stand in the way of what can be told."""
        now = self.story.clock.monotonic()
        return [place for place, pause in self._pauses.items() if now < pause.until]

    async def _patiently(self, change_id: str, place: str, job: Callable[[], Awaitable[None]]) -> None:
        """What Slack refuses of one change must not hold up the others, nor be asked for again and again;
        when Slack is away, all wait."""
        try:
            await job()
        except SlackError as error:
            if error.code in AWAY:
                raise
            pause = self._pauses.setdefault((change_id, place), _Pause())
            pause.lengthen(self.story.clock.monotonic())
            log.warning("not told in Slack", change=change_id, error=str(error), again_in=pause.seconds)
        else:
            self._pauses.pop((change_id, place), None)

    # Cards

    async def _first_card(self, record: ChangeRecord) -> None:
        """Posted empty and filled by an edit: one that a crash leaves behind must not tell anything untrue
        for ever."""
        place = self._place(record)
        try:
            await self._put_card(record, place)
        except SlackError as error:
            if error.code in AWAY:
                raise
            await self._to_requester(record, place, error)

    async def _put_card(self, record: ChangeRecord, place: str) -> None:
        """Post an empty one there. Raises SlackError, or StoreError: then it is there, and not yet noted."""
        if (record.id, place) not in self._cards:
            self._cards[record.id, place] = await self.notices.post(place, _empty(record))
        self.at_point("card posted")
        channel, ts = self._cards[record.id, place]
        await self.story.rows.put_card(Card(record.id, channel, ts, 0), got=(place,))
        del self._cards[record.id, place]
        self.at_point("card recorded")

    async def _to_requester(self, record: ChangeRecord, place: str, error: SlackError) -> None:
        """A channel that the bot is not in must not hide a change: the requester at least sees it, and is
        told why. The channel is tried again, seldom, as long as the change is open."""
        log.warning("card not posted in its channel", change=record.id, error=str(error))
        if place != record.requester.id:
            await self.story.refused(record, place, error)
            self._pauses.setdefault((record.id, place), _Pause()).lengthen(self.story.clock.monotonic())
        await self._put_card(record, record.requester.id)

    async def _further_card(self, wanted: Card) -> None:
        """In the channel of a report that asked for the change, to the one in whose name it did, or where
        Slack refused the first card."""
        record = await self.story.get(wanted.change_id)
        try:
            await self._put_card(record, wanted.channel)
        except SlackError as error:
            if error.code in AWAY:
                raise
            if not record.is_open:
                await self.story.rows.drop_card(wanted)
                return
            await self.story.refused(record, wanted.channel, error)
            raise

    async def _edit(self, stale: Card) -> None:
        record = await self.story.get(stale.change_id)
        try:
            await self.notices.edit(stale.channel, stale.ts, await full_card(record, self.story.rows))
        except SlackError as error:
            if error.code in AWAY:
                log.warning("card not edited", change=record.id, error=str(error))
                return
            if record.is_open or error.code not in GONE:
                raise
        await self.story.rows.put_card(Card(stale.change_id, stale.channel, stale.ts, record.version))

    def _place(self, record: ChangeRecord) -> str:
        """The cluster's channel, else the one for approvals, else where it was asked, else the requester."""
        tagged = self.settings.tags(record.plan.target.as_cluster()).channel
        return tagged or self.settings.approvals.channel or record.requester.channel or record.requester.id

    # Threads

    async def _tell(self, milestone: Milestone) -> None:
        if milestone.id not in self._lines:
            await self._post(milestone)
            self._lines.add(milestone.id)
        self.at_point("milestone posted")
        await self.story.rows.posted(milestone.id, self.story.clock.now())
        self._lines.discard(milestone.id)

    async def _post(self, milestone: Milestone) -> None:
        tells = milestone.tells
        for each in await self.story.rows.cards(milestone.change_id):
            try:
                await self.notices.post(each.channel, Reply(milestone.words, told(tells)), each.ts)
            except SlackError as error:
                if error.code not in GONE:
                    raise
                log.warning("milestone not posted", change=milestone.change_id, error=str(error))
            else:
                tells = ()  # people are mentioned once, however many cards there are


def _empty(record: ChangeRecord) -> Reply:
    what = Note(f"Change {record.id}, asked for by {record.requester.name}. “change show” tells of it.")
    return Reply(record.plan.action, (what,))
