"""Messages about what the audit log disproves: in a channel, where no thread hides them."""

from dataclasses import dataclass, field

import structlog

from bot.audit.verified_log import OpenAlarm, doubt_error
from bot.changes.notifications import AWAY_PAUSES, Notices, RetryPause, find_card_place
from bot.changes.store import ChangeRows, unproven_error
from bot.domain.errors import PgbotError, SlackError
from bot.domain.fair_order import MessagePriority
from bot.domain.reply import Note, Reply
from bot.runtime.clock import Clock
from bot.settings.model import Settings

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class AlarmNotifier:
    """Posts open alarms, and that the log is in doubt; after a restart, open ones are posted again."""

    rows: ChangeRows
    notices: Notices
    settings: Settings
    clock: Clock
    _pause: RetryPause = field(default_factory=RetryPause)
    _posted: set[OpenAlarm | str] = field(default_factory=set)

    async def post_alarms(self) -> None:
        """Post what was not posted yet. Raises SlackError while Slack is away, which is asked ever more
        seldom then."""
        if self.clock.monotonic() < self._pause.until:
            return
        for alarm in self.rows.log.alarms:
            if alarm not in self._posted:
                record = await self.rows.get(alarm.change)
                place = find_card_place(self.settings, record) if record else self.settings.approvals.channel
                await self._post(place, unproven_error(alarm.change, alarm.why))
                self._posted.add(alarm)
        doubt = self.rows.log.doubt
        if doubt and doubt not in self._posted:
            await self._post(self.settings.approvals.channel, doubt_error(doubt))
            self._posted.add(doubt)

    async def _post(self, place: str | None, error: PgbotError) -> None:
        if not place:
            return
        try:
            reply = Reply(error.sentence, (Note(error.next_step),), ok=False)
            await self.notices.post(place, reply, priority=MessagePriority(urgent=True))
        except SlackError as refused:
            if refused.is_away:
                self._pause.lengthen(self.clock.monotonic(), AWAY_PAUSES)
                raise
            log.error("alarm not posted", place=place, alarm=error.sentence, error=str(refused))  # noqa: TRY400
