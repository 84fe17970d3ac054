"""Messages about what the audit log disproves: in a channel, where no thread hides them."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.audit.lineage_store import DecisionCut, LineageRows
from bot.audit.verified_log import OpenAlarm
from bot.changes.notices import Escalation
from bot.changes.notifications import AWAY_PAUSES, RetryPause, find_card_place
from bot.changes.record import ChangeState
from bot.changes.store import ChangeRows, unproven_error
from bot.domain.errors import LogInDoubt, PgbotError, SlackError
from bot.domain.fair_order import MessagePriority
from bot.domain.phrases import join_some
from bot.domain.reply import Note, Reply
from bot.domain.stored_values import digest_value
from bot.runtime.clock import Clock
from bot.settings.model import Settings


def cut_notice(cut: DecisionCut) -> LogInDoubt:
    """Return the sentences about decisions that send nothing any more."""
    return LogInDoubt(
        f"The bot's data may be incomplete: {cut.why}. Changes approved before this start are not sent.",
        "Each of them is planned again and needs a new decision. Check its cluster before you approve it: "
        "the change may have run already.",
    )


@dataclass(slots=True, kw_only=True)
class AlarmNotifier:
    """Posts open alarms, and that the log is in doubt; after a restart, open ones are posted again. That
    earlier decisions send nothing is posted once."""

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
            await self._post_held(cut_notice(cut), f"cut:{digest_value(cut.why)}")
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
