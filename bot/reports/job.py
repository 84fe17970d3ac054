"""Making one report: run its command, hold it against the last, post it, remember that it is posted.

Rule: a slot is claimed once, by a row, before anything is done for it. What it said is kept only with the
word that it is posted, so a report that a crash cut short is made anew. A post cannot be taken back: where
the process ended between Slack's answer and our row, it is posted again and says that it may be here twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.access.policy import CommandRequest, Policy
from bot.audit.log import AuditLog
from bot.changes.executor import Points, no_points
from bot.changes.notifications import AWAY, Notices
from bot.domain.errors import Denied, InputError, PgbotError, SlackError, StoreError
from bot.domain.reply import Reply
from bot.domain.request import AccountStatus, Actor, Invocation, Origin, People
from bot.reports.message import could_not, lateness, lost_channel, told
from bot.reports.record import Report, Slot, SlotState
from bot.reports.report_service import ReportService
from bot.reports.run_audit_payload import account
from bot.reports.scheduled_change import RunCommand, ScheduledChange
from bot.reports.snapshot import ReportSnapshot
from bot.reports.store import Also
from bot.runtime.clock import Clock
from bot.runtime.workflows.port import Json, Steps

log = structlog.get_logger()

KIND = "report"
"""Kind of workflow."""

RETRIES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""From one try to the next, while the next slot is not nearer."""

PATIENCE = timedelta(minutes=1)
"""Until Slack is asked again when it took nothing at all."""

AT_ONCE = 4
"""Commands that run at the same time; posting has a pace of its own."""

SHARED_SECONDS = 60.0
"""How old a listing may be that a report shows: the reports of one minute read the fleet once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportJob:
    """Makes reports. `people` and `is_external` are Slack's directory."""

    reports: ReportService
    run_command: RunCommand
    policy: Policy
    audit: AuditLog
    notices: Notices
    people: People
    is_external: Callable[[str], Awaitable[bool | None]]
    clock: Clock
    scheduled: ScheduledChange
    at_point: Points = no_points
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def workflows(self) -> Mapping[str, Callable[[Mapping[str, Json], Steps], Awaitable[None]]]:
        """For the engine."""
        return {KIND: self.run}

    async def run(self, payload: Mapping[str, Json], steps: Steps) -> None:
        """The workflow of one slot. One step, since the slot's row says how far it has come."""
        name, at = str(payload["report"]), datetime.fromisoformat(str(payload["at"]))
        await steps.run("make", lambda: self._make(name, at))
        self.reports.waker()

    async def _make(self, name: str, at: datetime) -> Json:
        slot = await self.reports.rows.slot(name, at)
        if slot is None or slot.state is not SlotState.MAKING:
            return None
        report = next((each for each in await self.reports.all() if each.name == name), None)
        if report is None:
            why = "the report was removed"
            row = self._account(slot, None, "skipped", why)
            await self.reports.rows.move(
                slot, since=SlotState.MAKING, also=row, state=SlotState.SKIPPED, why=why
            )
            return None
        try:
            await self._made(report, slot)
        except StoreError:
            raise
        except Exception:
            log.exception("report failed inside the bot", report=name)
            await self._failed(report, slot, "Something went wrong inside the bot; its log has the details.")
        return None

    async def _made(self, report: Report, slot: Slot) -> None:
        self.at_point("making")
        try:
            if self.scheduled.asks(report):
                return await self._asked_for(report, slot)
            reply = await self._reply(report, slot)
        except PgbotError as error:
            return await self._failed(report, slot, str(error), again=not isinstance(error, Denied))
        if not reply.ok:
            return await self._failed(report, slot, _reason(reply))
        results = await self.reports.rows.results(report.name)
        standing = (await self.reports.rows.standings()).get(report.name)
        late = replace(slot, why=lateness(report, slot, self.clock.now()))
        said = told(report, late, reply, results, standing.muted if standing else ())
        ts = slot.ts or await self._post(report, slot, said.top)
        if not ts:
            return None
        if said.details is not None:
            await self._thread(report, ts, said.details)
        self.at_point("threaded")
        row = self._account(slot, report, "posted", said.top.title)
        await self.reports.rows.made(slot, ts, said.content, row)
        self.at_point("made")
        await self._clear(report, slot)
        return None

    async def _asked_for(self, report: Report, slot: Slot) -> None:
        """A change, which has a card of its own in the channel: the slot is over when it is proposed."""
        refusal = await self.scheduled.propose(report, slot)
        if refusal is not None:
            return await self._failed(report, slot, _reason(refusal.reply), again=not refusal.is_final)
        self.at_point("proposed")
        row = self._account(slot, report, "proposed", report.setting.command)
        await self.reports.rows.made(slot, slot.ts, ReportSnapshot(), row)
        return await self._clear(report, slot)

    async def _reply(self, report: Report, slot: Slot) -> Reply:
        """What the command says. Raises Denied or SlackError where its owner may not have it.

        The key is the same at each try and, until one is posted, in each slot: what a command tells once for
        each key (`migration watch`) must not be lost with a report that never came.
        """
        is_external = await self.is_external(report.setting.channel)
        invocation = Invocation(
            key=(await self.reports.rows.first_untold(slot)).id,
            trace=slot.id,
            actor=await self._actor(report, is_external=is_external),
            channel=report.setting.channel,
            text=report.setting.command,
            at=self.clock.now(),
            external_channel=is_external,
        )
        async with self.gate:
            return await self.run_command(invocation)

    async def _actor(self, report: Report, *, is_external: bool | None) -> Actor:
        """Who sees: everything for a report of app.yaml; what its maker may see for one made in Slack."""
        if report.is_from_file:
            return Actor(origin=Origin.SCHEDULE, id=report.name)
        maker = await self.people(report.by, report.team)
        if maker.standing is AccountStatus.UNKNOWN:
            raise SlackError("Slack does not say who made this report.", "It is tried again.")
        if is_external is not False:
            raise Denied("The channel is shared with another company, or Slack does not say that it is not.")
        try:
            command = self.reports.parse(report.setting.command).command
        except InputError as error:
            raise Denied(error.sentence, error.next_step) from None
        self.policy.require(CommandRequest(maker, report.setting.channel, command))
        return replace(maker, origin=Origin.SCHEDULE, id=report.name, person=report.by)

    # Posting

    async def _post(self, report: Report, slot: Slot, top: Reply) -> str:
        """Where it is now; empty when it could not be posted, which has been dealt with."""
        rows = self.reports.rows
        await rows.move(slot, since=SlotState.MAKING, is_posting=True)
        self.at_point("before posting")
        try:
            _, ts = await self.notices.post(report.setting.channel, top)
        except SlackError as error:
            await self._not_posted(report, slot, error)
            return ""
        self.at_point("posted")
        await rows.move(slot, since=SlotState.MAKING, is_posting=False, ts=ts)
        self.at_point("posting recorded")
        return ts

    async def _not_posted(self, report: Report, slot: Slot, error: SlackError) -> None:
        rows = self.reports.rows
        if error.code in AWAY:
            again = self.clock.now() + PATIENCE
            # Without an answer nobody knows whether it is there: then it says so when it comes again.
            unsure = error.code == "no_answer" or slot.is_posting
            await rows.move(
                slot, since=SlotState.MAKING, state=SlotState.WAITING, due_at=again, is_posting=unsure
            )
            return
        why = _says(error)
        row = self._account(slot, report, "not posted", why)
        await self._tell_owner(report, why)
        await rows.move(
            slot, since=SlotState.MAKING, also=row, state=SlotState.FAILED, is_posting=False, why=why
        )

    async def _tell_owner(self, report: Report, why: str) -> None:
        """By direct message, and not again before something of it has come into the channel."""
        rows = self.reports.rows
        standing = (await rows.standings()).get(report.name)
        if standing is not None and standing.is_lost:
            return
        try:
            notice = lost_channel(report, f"{why}.", self._next(report))
            await self.notices.post(report.setting.owner, notice)
        except SlackError as error:
            log.warning("owner not told of a lost channel", report=report.name, error=str(error))
            return
        await rows.stand(report.name, is_lost=True)

    async def _thread(self, report: Report, ts: str, details: Reply) -> None:
        """What is missing here can be had by a button of the message, so it holds nothing up."""
        try:
            await self.notices.post(report.setting.channel, details, ts)
        except SlackError as error:
            log.warning("report details not posted", report=report.name, error=str(error))

    # Failing

    async def _failed(self, report: Report, slot: Slot, why: str, *, again: bool = True) -> None:
        """Tried again a few times, and said in the channel: one message, edited from then on."""
        tries, next_slot = slot.tries + 1, self._next(report)
        retry = self.clock.now() + RETRIES[slot.tries] if again and slot.tries < len(RETRIES) else None
        if retry is not None and next_slot is not None and retry >= next_slot:
            retry = None
        notice = await self._say(report, slot, could_not(report, why, retry or next_slot, tries))
        state = {"state": SlotState.WAITING, "due_at": retry} if retry else {"state": SlotState.FAILED}
        row = None if retry else self._account(slot, report, "not posted", why)
        await self.reports.rows.move(
            slot, since=SlotState.MAKING, also=row, **state, tries=tries, why=why, notice=notice
        )

    async def _say(self, report: Report, slot: Slot, words: Reply) -> str:
        """Where the notice is: `channel/ts`, empty where there is none."""
        known = await self._notice(slot)
        if known and await self._edited(known, words):
            return known
        try:
            return "/".join(await self.notices.post(report.setting.channel, words))
        except SlackError as error:
            log.warning("failure of a report not told", report=report.name, error=str(error))
            if error.code not in AWAY:
                await self._tell_owner(report, _says(error))
            return known

    async def _edited(self, notice: str, words: Reply) -> bool:
        """False where it is no longer there."""
        channel, _, ts = notice.partition("/")
        try:
            await self.notices.edit(channel, ts, words)
        except SlackError as error:
            log.warning("notice not edited", channel=channel, error=str(error))
            return error.code in AWAY
        return True

    async def _notice(self, slot: Slot) -> str:
        """Its own, or that of the slot before where that failed too: one outage is told once."""
        last = None if slot.notice else await self.reports.rows.last_told(slot.report, slot.at)
        failed = last if last and last.state is SlotState.FAILED else slot
        return failed.notice

    async def _clear(self, report: Report, slot: Slot) -> None:
        """The notice of a failure must not stand there as if it were still true."""
        notice = await self._notice(slot)
        if notice:
            await self._edited(notice, Reply(f"{report.name} could not be made for a while; it is below"))

    def _next(self, report: Report) -> datetime | None:
        try:
            return next(iter(self.reports.next_times(report.setting)), None)
        except InputError:
            return None  # its calendar is gone from app.yaml

    def _account(self, slot: Slot, report: Report | None, outcome: str, detail: str) -> Also:
        return self.audit.adding(account(slot, report, outcome, detail, self.clock.now()))


def _says(error: SlackError) -> str:
    return f"Slack says {error.code or error.sentence}"


def _reason(reply: Reply) -> str:
    hints = [getattr(part, "text", "") for part in reply.parts[:2]]
    return " ".join(filter(None, [f"{reply.title.rstrip('.')}.", *hints]))
