"""Keeps Slack at what the rows say: a change's cards, and its story in the threads below them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog

from bot.changes.among import full_card
from bot.changes.card import told
from bot.changes.record import Card, Milestone, Record
from bot.changes.story import Story
from bot.config import Settings
from bot.errors import SlackError
from bot.reply import Note, Reply

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
class Telling:
    """The conductor's way to tell people. Everything here may be done twice without harm."""

    story: Story
    notices: Notices
    settings: Settings
    at_point: Callable[[str], None] = lambda _name: None
    _pauses: dict[tuple[str, str], _Pause] = field(default_factory=dict)
    """By change and channel: only a saving of calls, gone after a restart."""

    async def cards(self) -> None:
        """Post those that are not there yet, and bring the others up to date."""
        for record in await self.story.rows.uncarded():
            await self._patiently(record.id, "", partial(self._first_card, record))
        for wanted in await self.story.rows.wanted_cards():
            await self._patiently(wanted.change_id, wanted.channel, partial(self._further_card, wanted))
        for stale in await self.story.rows.stale_cards():
            await self._patiently(stale.change_id, stale.channel, partial(self._edit, stale))

    async def threads(self) -> None:
        """Post the lines of stories that are not there yet, in order."""
        held_up: set[str] = set()
        for milestone in await self.story.rows.unposted():
            if milestone.change_id not in held_up:
                held_up.add(milestone.change_id)  # until it is told: a story is told in order
                tell = partial(self._tell, milestone, held_up)
                await self._patiently(milestone.change_id, "story", tell)

    async def _patiently(self, change_id: str, place: str, job: Callable[[], Awaitable[None]]) -> None:
        """What Slack refuses of one change must not hold up the others, nor be asked for again and again;
        when Slack is away, all wait."""
        now, pause = self.story.clock.monotonic(), self._pauses.get((change_id, place), _Pause())
        if now < pause.until:
            return
        try:
            await job()
        except SlackError as error:
            if error.code in AWAY:
                raise
            pause.lengthen(now)
            self._pauses[change_id, place] = pause
            log.warning("not told in Slack", change=change_id, error=str(error), again_in=pause.seconds)
        else:
            self._pauses.pop((change_id, place), None)

    # Cards

    async def _first_card(self, record: Record) -> None:
        """Posted empty and filled by an edit: one that a crash leaves behind must not tell anything untrue
        for ever."""
        place = self._place(record)
        try:
            channel, ts = await self.notices.post(place, _empty(record))
        except SlackError as error:
            if error.code in AWAY:
                raise
            await self._to_requester(record, place, error)
            return
        self.at_point("card posted")
        await self.story.rows.put_card(Card(record.id, channel, ts, 0), got=(place,))
        self.at_point("card recorded")

    async def _to_requester(self, record: Record, place: str, error: SlackError) -> None:
        """A channel that the bot is not in must not hide a change: the requester at least sees it, and is
        told why. The channel is tried again, seldom, as long as the change is open."""
        log.warning("card not posted in its channel", change=record.id, error=str(error))
        if place != record.requester.id:
            await self.story.refused(record, place, error)
            self._pauses.setdefault((record.id, place), _Pause()).lengthen(self.story.clock.monotonic())
        channel, ts = await self.notices.post(record.requester.id, _empty(record))
        await self.story.rows.put_card(Card(record.id, channel, ts, 0), got=(record.requester.id,))

    async def _further_card(self, wanted: Card) -> None:
        """In the channel of a report that asked for the change, to the one in whose name it did, or where
        Slack refused the first card."""
        record = await self.story.get(wanted.change_id)
        try:
            channel, ts = await self.notices.post(wanted.channel, _empty(record))
        except SlackError as error:
            if error.code in AWAY:
                raise
            if not record.is_open:
                await self.story.rows.drop_card(wanted)
                return
            await self.story.refused(record, wanted.channel, error)
            raise
        await self.story.rows.put_card(Card(record.id, channel, ts, 0), got=(wanted.channel,))

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

    def _place(self, record: Record) -> str:
        """The cluster's channel, else the one for approvals, else where it was asked, else the requester."""
        tagged = self.settings.tags(record.plan.target.as_cluster()).channel
        return tagged or self.settings.approvals.channel or record.requester.channel or record.requester.id

    # Threads

    async def _tell(self, milestone: Milestone, held_up: set[str]) -> None:
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
        self.at_point("milestone posted")
        await self.story.rows.posted(milestone.id, self.story.clock.now())
        held_up.discard(milestone.change_id)


def _empty(record: Record) -> Reply:
    what = Note(f"Change {record.id}, asked for by {record.requester.name}. “change show” tells of it.")
    return Reply(record.plan.action, (what,))
