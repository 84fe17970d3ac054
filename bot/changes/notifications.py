"""Cards and threads in Slack, kept up to date with the rows of changes, and messages about alarms."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.audit.lineage_store import LineageRows
from bot.audit.verified_log import OpenAlarm
from bot.changes.card import load_card, mention_parts
from bot.changes.notices import ApproverNames, Escalation, Notices
from bot.changes.record import Card, ChangeRecord, ChangeState, Milestone, PendingPost, PostKind
from bot.changes.run_log import RunLog
from bot.changes.store import ChangeRows, unproven_error
from bot.domain.errors import LogInDoubt, PgbotError, SlackError
from bot.domain.fair_order import FairOrder, MessagePriority
from bot.domain.phrases import join_some
from bot.domain.plan import Harm
from bot.domain.reply import Note, Reply
from bot.domain.stored_values import digest_value
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.settings.model import Settings

log = get_logger()

GONE = frozenset(
    {"message_not_found", "channel_not_found", "not_in_channel", "is_archived", "thread_not_found"}
)
"""Slack's words for places that will not come back by waiting."""

REFUSED_PAUSES, AWAY_PAUSES = (60.0, 3_600.0), (2.0, 120.0)
"""Seconds until something that Slack refuses, or doesn't answer, is tried again: at first, and at most."""

GIVE_UP_AFTER = timedelta(days=1)
"""How long Slack is asked to take something about a change that is over."""

EDITS_PAUSE = 2.0
"""Seconds without edits after Slack did not take one; messages are posted meanwhile."""

PROD = "prod"
"""The tier of production clusters in app.yaml. A cluster without a tier may be one."""


@dataclass(slots=True)
class RetryPause:
    """The pause after a message that Slack did not take: its length in seconds, and its end."""

    seconds: float = 0.0
    until: float = float("-inf")
    is_away: bool = False

    def lengthen(self, now: float, pauses: tuple[float, float] = REFUSED_PAUSES) -> None:
        """Double the pause, within its first and its longest length."""
        first, longest = pauses
        self.is_away = pauses == AWAY_PAUSES
        self.seconds = min(max(self.seconds * 2, first), longest)
        self.until = now + self.seconds


@dataclass(slots=True, kw_only=True)
class ChangeNotifier:
    """Posts cards and thread lines for the scheduler. Everything here may be done twice without harm: what
    was posted while the row that says so could not be written has its key."""

    run_log: RunLog
    escalation: Escalation
    settings: Settings
    approvers: ApproverNames
    at_point: Callable[[str], None] = lambda _name: None
    _pauses: dict[tuple[str, str], RetryPause] = field(default_factory=dict)
    """Pauses by change and channel: they only save calls, and are gone after a restart."""
    _busy: set[str] = field(default_factory=set)
    """Changes that something is being posted for."""
    _harmful: dict[str, bool] = field(default_factory=dict)
    _served: dict[str, int] = field(default_factory=dict)
    """The changes with pending posts, by when they were served last."""
    _orders: dict[bool, FairOrder] = field(default_factory=lambda: {True: FairOrder(), False: FairOrder()})
    _edits_from: float = float("-inf")

    @property
    def notices(self) -> Notices:
        """Slack."""
        return self.escalation.notices

    async def post_all(self, *, urgent: bool) -> None:
        """Post what Slack does not show yet, of urgent changes or of the others, people in turn.

        The next one is chosen after each post. Both kinds may be posted at the same time.
        """
        done: set[PendingPost] = set()
        while (post := await self._choose(urgent=urgent)) is not None and post not in done:
            done.add(post)
            self._busy.add(post.change_id)
            try:
                await self._run_isolated(post, MessagePriority(post.requester, urgent))
            finally:
                self._busy.discard(post.change_id)

    async def _choose(self, *, urgent: bool) -> PendingPost | None:
        pending = await self.run_log.rows.pending_posts()
        await self._learn_harm({each.change_id for each in pending})
        possible = [
            each
            for each in pending
            if (each.is_glass or self._harmful[each.change_id]) == urgent and self._may_try(each)
        ]
        if not possible:
            return None
        # Of one person, threads continue in turn.
        possible.sort(key=lambda each: (each.kind, self._served.get(each.change_id, 0)))
        chosen = possible[self._orders[urgent].choose([MessagePriority(each.requester) for each in possible])]
        self._served = {each.change_id: self._served.get(each.change_id, 0) for each in pending}
        self._served[chosen.change_id] = max(self._served.values()) + 1
        return chosen

    async def _learn_harm(self, change_ids: set[str]) -> None:
        """Learn of changes whether they can destroy something in production."""
        unknown = change_ids - self._harmful.keys()
        records = await self.run_log.rows.some(unknown) if unknown else []
        found = {record.id: self._is_harmful(record) for record in records}
        known = {each: self._harmful[each] for each in change_ids - unknown}
        self._harmful = dict.fromkeys(unknown, False) | known | found

    def _is_harmful(self, record: ChangeRecord) -> bool:
        tier = self.settings.tags(record.plan.target.as_cluster()).tier
        return record.plan.harm is Harm.DESTRUCTIVE and PROD in (tier or PROD).casefold()

    def _may_try(self, post: PendingPost) -> bool:
        """Return whether nobody is at this change, and Slack did not refuse this post a moment ago."""
        now = self.run_log.clock.monotonic()
        pause = self._pauses.get((post.change_id, post.place))
        if post.change_id in self._busy or (pause is not None and now < pause.until):
            return False
        return post.kind is not PostKind.EDIT or now >= self._edits_from

    async def _run_isolated(self, post: PendingPost, priority: MessagePriority) -> None:
        """Send one post. A refusal by Slack must not delay other changes nor be repeated at once; while Slack
        is away, everything waits."""
        try:
            await self._send(post, priority)
        except SlackError as error:
            pause = self._pauses.setdefault((post.change_id, post.place), RetryPause())
            pauses = AWAY_PAUSES if error.is_away else REFUSED_PAUSES
            pause.lengthen(self.run_log.clock.monotonic(), pauses)
            if await self._is_long_over(post.change_id):
                pause.until = float("inf")
                log.error("given up in Slack", change=post.change_id, error=str(error))  # noqa: TRY400 - no bug of ours
            elif error.is_away:
                raise
            else:
                log.warning(
                    "not told in Slack", change=post.change_id, error=str(error), again_in=pause.seconds
                )
        else:
            self._pauses.pop((post.change_id, post.place), None)
            for pause in self._pauses.values():
                if pause.is_away:
                    pause.until = float("-inf")  # Slack is back; if not for this one, its pause keeps growing

    async def _is_long_over(self, change_id: str) -> bool:
        ended, clock = (await self.run_log.get_change(change_id)).ended_at, self.run_log.clock
        return ended is not None and clock.doubt is None and clock.now() - ended > GIVE_UP_AFTER

    async def _send(self, post: PendingPost, priority: MessagePriority) -> None:
        record = await self.run_log.get_change(post.change_id)
        if post.kind is PostKind.CARD:
            await self._post_first_card(record, priority)
            # At once, since the card is empty until then.
            for card in await self.run_log.rows.cards(record.id):
                await self._edit_card(record, card, priority)
        elif post.kind is PostKind.FURTHER_CARD:
            await self._post_further_card(record, post.place, priority)
        elif post.kind is PostKind.EDIT:
            await self._edit_card(record, Card(post.change_id, post.place, post.ts, 0), priority)
        elif (milestone := await self.run_log.rows.milestone(post.number)) is not None:
            await self._post_line(milestone, priority)

    # Cards

    async def _post_first_card(self, record: ChangeRecord, priority: MessagePriority) -> None:
        """Post the first card empty and fill it by an edit: a card that a crash leaves behind must say
        nothing untrue."""
        place = find_card_place(self.settings, record)
        try:
            await self._put_card(record, place, priority)
        except SlackError as error:
            if error.is_away:
                raise
            await self._post_elsewhere(record, place, error, priority)

    async def _put_card(self, record: ChangeRecord, place: str, priority: MessagePriority) -> None:
        """Post an empty one there. Raises SlackError, or StoreError: then it is there, and not yet noted."""
        key = f"{record.id}:card:{place}"
        channel, ts = await self.notices.post(place, _empty_card(record), priority=priority, key=key)
        self.at_point("card posted")
        await self.run_log.rows.put_card(Card(record.id, channel, ts, 0), got=(place,))
        self.at_point("card recorded")

    async def _post_elsewhere(
        self, record: ChangeRecord, place: str, error: SlackError, priority: MessagePriority
    ) -> None:
        """Post the card to the requester, with the reason, else to an approver, else in the channel for
        approvals: a channel that the bot is not in must not hide a change. Those who may decide get one, too.
        The channel is retried, seldom, while the change is open."""
        log.warning("card not posted in its channel", change=record.id, error=str(error))
        deciders = await self._find_decision_places(record, place)
        if place != record.requester.id:
            # Without a mention: the card that follows is itself a message to the requester.
            await self.run_log.record_refused_card(record, place, error, instead=deciders)
            self._pauses.setdefault((record.id, place), RetryPause()).lengthen(self.run_log.clock.monotonic())
        for other in dict.fromkeys(
            (record.requester.id, *deciders, self.settings.approvals.channel or place)
        ):
            try:
                if other != place:
                    await self._put_card(record, other, priority)
                    self.escalation.untold.pop(record.id, None)
                    return
            except SlackError as refused:
                if refused.is_away:
                    raise
                error = refused
        self.escalation.give_up(record.id, record.plan.action)
        raise error

    async def _find_decision_places(self, record: ChangeRecord, refused: str) -> tuple[str, ...]:
        """Return where those who may decide see a card that its channel refuses: in the channel for
        approvals, else by direct message. Empty where nobody else decides, or has it elsewhere."""
        channel = self.settings.approvals.channel
        if refused not in {find_card_place(self.settings, record), channel} or not record.needs_approver:
            return ()
        return (channel,) if channel not in {None, refused} else await self.approvers.find_people(record)

    async def _post_further_card(self, record: ChangeRecord, place: str, priority: MessagePriority) -> None:
        """Post a card in a report's channel that asked for the change, to the person in whose name it did, or
        where Slack refused the first card."""
        try:
            await self._put_card(record, place, priority)
        except SlackError as error:
            if error.is_away:
                raise
            if not record.is_open:
                await self.run_log.rows.drop_card(Card(record.id, place, "", 0))
                return
            instead = await self._find_decision_places(record, place)
            await self.run_log.record_refused_card(
                record, place, error, instead=instead, tells=[record.requester.id]
            )
            raise

    async def _edit_card(self, record: ChangeRecord, stale: Card, priority: MessagePriority) -> None:
        card = await load_card(record, self.run_log.rows, await self.approvers.find(record))
        try:
            await self.notices.edit(stale.channel, stale.ts, card, urgent=priority.urgent)
        except SlackError as error:
            if error.is_away:
                log.warning("card not edited", change=record.id, error=str(error))
                self._edits_from = self.run_log.clock.monotonic() + EDITS_PAUSE
                return
            if record.is_open or error.code not in GONE:
                raise
        await self.run_log.rows.put_card(Card(stale.change_id, stale.channel, stale.ts, record.version))

    # Threads

    async def _post_line(self, milestone: Milestone, priority: MessagePriority) -> None:
        await self._post_below_cards(milestone, priority)
        self.at_point("milestone posted")
        await self.run_log.rows.posted(milestone.id, self.run_log.clock.now())

    async def _post_below_cards(self, milestone: Milestone, priority: MessagePriority) -> None:
        tells = milestone.tells
        cards = await self.run_log.rows.cards(milestone.change_id)
        # A mention reaches nobody in the direct messages of somebody else.
        for each in sorted(cards, key=lambda card: not card.channel.startswith(("C", "G"))):
            try:
                reply = Reply(milestone.words, mention_parts(tells))
                key = f"{milestone.change_id}:line:{milestone.id}:{each.channel}"
                await self.notices.post(each.channel, reply, each.ts, priority=priority, key=key)
            except SlackError as error:
                if error.code not in GONE:
                    raise
                log.warning("milestone not posted", change=milestone.change_id, error=str(error))
            else:
                tells = ()  # people are mentioned once, however many cards there are


def _empty_card(record: ChangeRecord) -> Reply:
    what = Note(f"Requested by {record.requester.name}. Details: “change show {record.id}”.")
    return Reply(record.plan.action, (what,))


def find_card_place(settings: Settings, record: ChangeRecord) -> str:
    """Return the cluster's channel, else the one for approvals, else where it was requested, else the
    requester."""
    tagged = settings.tags(record.plan.target.as_cluster()).channel
    return tagged or settings.approvals.channel or record.requester.channel or record.requester.id


# Alarms


@dataclass(slots=True, kw_only=True)
class AlarmNotifier:
    """Posts what the audit log disproves, in a channel, where no thread hides it: open alarms, and that the
    log is in doubt. After a restart, open ones are posted again. That earlier decisions send nothing is
    posted once."""

    rows: ChangeRows
    escalation: Escalation
    settings: Settings
    clock: Clock
    lineage: LineageRows
    _pause: RetryPause = field(default_factory=RetryPause)
    _posted: set[OpenAlarm | str] = field(default_factory=set)
    _is_cut_posted: bool = False
    _since: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._since = self.clock.now()

    async def post_alarms(self) -> None:
        """Post what was not posted yet. Raises SlackError while Slack is away, which is asked ever more
        seldom then."""
        if self.clock.monotonic() < self._pause.until:
            return
        for alarm in self.rows.log.alarms:
            if alarm not in self._posted:
                record = await self.rows.get(alarm.change)
                place = find_card_place(self.settings, record) if record else self.settings.approvals.channel
                await self._post(
                    place, unproven_error(alarm.change, alarm.why), f"{alarm.change}:{alarm.seq}"
                )
                self._posted.add(alarm)
        doubt = self.rows.log.doubt
        if doubt and doubt not in self._posted:
            await self._post_held(self.rows.log.doubt_error(), f"log:{digest_value(doubt)}")
            self._posted.add(doubt)
        if not self._is_cut_posted:
            await self._post_cut()
            self._is_cut_posted = True

    async def _post_cut(self) -> None:
        cut = await self.lineage.last_cut()
        if cut is not None and not cut.is_posted:
            notice = LogInDoubt(
                f"The bot's data may be incomplete: {cut.why}. Changes approved before this start are not "
                "sent.",
                "Each of them is planned again and needs a new decision. Check its cluster before you "
                "approve it: the change may have run already.",
            )
            await self._post_held(notice, f"cut:{digest_value(cut.why)}")
            await self.lineage.note_cut_posted(self.clock.now())

    async def _post_held(self, error: PgbotError, about: str) -> None:
        """Post it with the changes that would otherwise be sent."""
        ready = await self.rows.in_states([ChangeState.APPROVED, ChangeState.RUNNING])
        held = join_some(f"{each.id} ({each.plan.action})" for each in ready if each.is_unsent)
        notes = (Note(f"Not sent for now: {held}."),) if held else ()
        await self._post(self.settings.approvals.channel, error, about, notes)

    async def _post(
        self, place: str | None, error: PgbotError, about: str, notes: tuple[Note, ...] = ()
    ) -> None:
        """Post it, or tell who else is responsible."""
        reply = Reply(error.sentence, (Note(error.next_step), *notes), ok=False)
        key = f"alarm:{about}:{self._since:%Y%m%dT%H%M%S.%f}"
        try:
            await self.escalation.tell(key, reply, [place or ""], MessagePriority(urgent=True))
        except SlackError:
            self._pause.lengthen(self.clock.monotonic(), AWAY_PAUSES)
            raise
