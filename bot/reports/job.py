"""One run of a report: run its command, compare with the last run, post, record that it is posted.

Rule: a run is claimed once, by a row, before anything is done for it. Its snapshot is stored only together
with the fact that it is posted, so a run that a crash cut short is made again. What it posts has keys, by
which Slack's side knows what is there already.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.access.policy import UNREAD, CommandRequest, Policy
from bot.audit.log import AuditLog
from bot.changes.follow import Points, ignore_points
from bot.changes.notices import Escalation
from bot.changes.service import ChangeService, change_id_for
from bot.domain.errors import Denied, InputError, PgbotError, SlackError, StoreError
from bot.domain.reply import Reply
from bot.domain.request import AccountStatus, Actor, Invocation, IsExternal, Origin, People
from bot.domain.slack_trouble import retry_period
from bot.reports.message import build_message, describe_lateness, failure_notice, not_posted_notice
from bot.reports.record import STALLED, Report, ResultHistory, Slot, SlotState, run_entry
from bot.reports.report_service import ReportService
from bot.reports.snapshot import ReportSnapshot
from bot.reports.store import Also
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.runtime.workflows.port import Json, Steps

log = get_logger()

RunCommand = Callable[[Invocation], Awaitable[Reply]]
"""Runs one command line as its actor; never raises."""

KIND = "report"
"""Kind of workflow."""

RETRY_DELAYS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""From one try to the next, while the next slot is not nearer."""

AWAY_RETRY_DELAYS = timedelta(minutes=1), timedelta(hours=1)
"""Until Slack is asked again when it took nothing at all: at first, and in the end."""

MAX_CONCURRENT = 4
"""Commands that run at the same time; posting has a pace of its own."""

MAX_LISTING_AGE = 60.0
"""Most seconds that a shown listing may be old: the reports of one minute read the fleet once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportJob:
    """Makes reports. `run_command` is for them, `request_change` for changes that app.yaml asks for at times.
    `people` and `is_external` are Slack's directory. `since` is this process's start: a run that was missed
    before it is tried for as long as any other."""

    reports: ReportService
    run_command: RunCommand
    request_change: RunCommand
    changes: ChangeService
    policy: Policy
    audit: AuditLog
    escalation: Escalation
    people: People
    is_external: IsExternal
    clock: Clock
    since: datetime
    at_point: Points = ignore_points
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT))

    def workflows(self) -> Mapping[str, Callable[[Mapping[str, Json], Steps], Awaitable[None]]]:
        return {KIND: self.run}

    async def run(self, payload: Mapping[str, Json], steps: Steps) -> None:
        """Run the workflow of one run. It is one step, since the row says how far it has come."""
        name, at = str(payload["report"]), datetime.fromisoformat(str(payload["at"]))
        await steps.run("make", lambda: self._make_run(name, at))
        self.reports.waker()

    async def _make_run(self, name: str, at: datetime) -> Json:
        slot = await self.reports.rows.slot(name, at)
        if slot is None or slot.state is not SlotState.MAKING:
            return None
        report = next((each for each in await self.reports.all_reports() if each.name == name), None)
        if report is None:
            why = "the report was removed"
            row = self._entry(slot, None, "skipped", why)
            await self._move(slot, row, state=SlotState.SKIPPED, why=why)
            return None
        if slot.why == STALLED:
            await self._record_failure(report, slot, STALLED, again=False)
            return None
        try:
            await self._post_report(report, slot)
        except StoreError:
            raise
        except Exception:
            log.exception("report failed inside the bot", report=name)
            await self._record_failure(
                report, slot, "Something went wrong inside the bot; its log has the details."
            )
        return None

    async def _post_report(self, report: Report, slot: Slot) -> None:
        self.at_point("making")
        try:
            if self.reports.parse(report.setting.command).command.schedulable:
                return await self._propose_change(report, slot)
            invocation = await self._make_invocation(report, slot)
            async with self.gate:
                reply = await self.run_command(invocation)
        except PgbotError as error:
            return await self._record_failure(report, slot, str(error), again=not isinstance(error, Denied))
        if not reply.ok:
            return await self._record_failure(report, slot, _failure_reason(reply))
        request = CommandRequest.by(invocation, self.reports.parse(report.setting.command).command)
        provenance = self.reports.make_provenance(report, self.policy.scope(request))
        history = ResultHistory(await self.reports.rows.results(report.name), provenance)
        standing = (await self.reports.rows.standings()).get(report.name)
        late = replace(slot, why=describe_lateness(report, slot, self.clock.now()))
        message = build_message(report, late, reply, history, standing.muted if standing else ())
        ts = slot.ts or await self._post_message(report, slot, message.top)
        if not ts:
            return None
        if message.details is not None and not await self._post_details(report, slot, ts, message.details):
            return None
        self.at_point("threaded")
        row = self._entry(slot, report, "posted", message.top.title)
        await self.reports.rows.made(slot, ts, message.snapshot, row)
        self.at_point("made")
        await self._clear_notice(report, slot)
        return None

    async def _propose_change(self, report: Report, slot: Slot) -> None:
        """Propose a scheduled change through the ordinary gate, in the name of its owner and once for each
        run. It has a card of its own in the channel: the run ends when it is proposed, now or by an earlier
        try. Raises Denied, SlackError or StoreError."""
        rows, change_id = self.changes.rows, change_id_for(slot.id)
        if await rows.get(change_id) is None:
            if slot.asked_by:
                raise Denied(
                    f"{report.name} requests a change for its owner, so it only runs on schedule.",
                    f"Request the change yourself: “{report.setting.command}”.",
                )
            owner = await self._find_owner(report)
            is_external = await self.is_external(report.setting.channel, report.setting.owner)
            invocation = self._invocation(report, slot, owner, key=slot.id, is_external=is_external)
            reply = await self.request_change(invocation)
            if await rows.get(change_id) is None:
                request = CommandRequest.by(invocation, self.reports.parse(report.setting.command).command)
                # Another try would change nothing, unless Slack did not say all that the owner belongs to.
                is_final = not self.policy.may_run(request).allowed and UNREAD not in owner.groups
                return await self._record_failure(report, slot, _failure_reason(reply), again=not is_final)
        self.at_point("proposed")
        row = self._entry(slot, report, "proposed", report.setting.command)
        await self.reports.rows.made(slot, slot.ts, ReportSnapshot(), row)
        return await self._clear_notice(report, slot)

    async def _make_invocation(self, report: Report, slot: Slot) -> Invocation:
        """Return the invocation of the command. Raises Denied or SlackError where its owner may not have it.

        The key is the same at each try and, until one is posted, in each run: what a command shows once for
        each key (`migration watch`) must not be lost with a report that never came.
        """
        is_external = await self.is_external(report.setting.channel, report.by)
        key = (await self.reports.rows.first_untold(slot)).id
        viewer = await self._find_viewer(report, is_external=is_external)
        return self._invocation(report, slot, viewer, key=key, is_external=is_external)

    def _invocation(
        self, report: Report, slot: Slot, actor: Actor, *, key: str, is_external: bool | None
    ) -> Invocation:
        return Invocation(
            key=key,
            trace=slot.id,
            actor=actor,
            channel=report.setting.channel,
            text=report.setting.command,
            at=self.clock.now(),
            external_channel=is_external,
        )

    async def _find_viewer(self, report: Report, *, is_external: bool | None) -> Actor:
        """Return the viewer: everything is visible to a report of app.yaml, and to one made in Slack what its
        maker may see."""
        if report.is_from_file:
            return Actor(origin=Origin.SCHEDULE, id=report.name)
        maker = await self.people(report.by, report.team)
        if maker.standing is AccountStatus.UNKNOWN:
            raise SlackError("Slack did not say who made this report.", "The bot will try again.")
        if is_external is not False:
            raise Denied("The channel is or may be shared with another company.")
        try:
            command = self.reports.parse(report.setting.command).command
        except InputError as error:
            raise Denied(error.sentence, error.next_step) from None
        self.policy.require(CommandRequest(maker, report.setting.channel, command))
        return replace(maker, origin=Origin.SCHEDULE, id=report.name, person=report.by)

    async def _find_owner(self, report: Report) -> Actor:
        """Return the owner as they are now: what they may not do, their report may not do either."""
        owner = await self.people(report.setting.owner, report.team)
        if owner.standing is AccountStatus.UNKNOWN:
            raise SlackError(f"Slack did not say who {report.setting.owner} is.", "The bot will try again.")
        return replace(owner, origin=Origin.SCHEDULE, id=report.name, person=report.setting.owner)

    # Posting

    async def _post_message(self, report: Report, slot: Slot, top: Reply) -> str:
        """Post the message and return its ts; empty when it could not be posted, which is then recorded."""
        self.at_point("before posting")
        try:
            _, ts = await self.escalation.notices.post(report.setting.channel, top, key=slot.id)
        except SlackError as error:
            if not await self._try_later(slot, error):
                await self._record_not_posted(report, slot, error)
            return ""
        self.at_point("posted")
        await self._move(slot, ts=ts)
        self.at_point("posting recorded")
        return ts

    async def _try_later(self, slot: Slot, error: SlackError) -> bool:
        """Schedule the next try; return False where there is none."""
        since = max(slot.at, self.since)
        late = self.clock.now() - since if self.clock.doubt is None else timedelta(0)
        if late >= retry_period(error.code):
            return False
        first, longest = AWAY_RETRY_DELAYS
        again = self.clock.now() + min(max(late / 8, first), longest)
        # What may be there must not be merged into a later run, nor skipped.
        why = _describe_error(error) if error.is_outcome_unknown else slot.why
        await self._move(slot, state=SlotState.WAITING, due_at=again, why=why)
        return True

    async def _record_not_posted(self, report: Report, slot: Slot, error: SlackError) -> None:
        why = _describe_error(error)
        row = self._entry(slot, report, "not posted", why)
        await self._tell_owner(report, slot, error)
        await self._move(slot, row, state=SlotState.FAILED, why=why)

    async def _tell_owner(self, report: Report, slot: Slot, error: SlackError) -> None:
        """Tell the owner, or who else is responsible, once for a channel until something is posted again."""
        rows = self.reports.rows
        standing = (await rows.standings()).get(report.name)
        channel = report.setting.channel
        if standing is not None and standing.is_lost and standing.lost_channel in {"", channel}:
            return
        notice, owner = not_posted_notice(report, error, self._next_time(report)), report.setting.owner
        if await self.escalation.tell(f"{slot.id}:owner", notice, [owner], is_last=True):
            await rows.stand(report.name, is_lost=True, lost_channel=channel)

    async def _post_details(self, report: Report, slot: Slot, ts: str, details: Reply) -> bool:
        """Post the details; return False where that is tried later. They can also be had by a button of the
        message, so that it counts as posted without them."""
        try:
            await self.escalation.notices.post(report.setting.channel, details, ts, key=f"{slot.id}:details")
        except SlackError as error:
            if await self._try_later(slot, error):
                return False
            await self._tell_owner(report, slot, error)
        return True

    # Failing

    async def _record_failure(self, report: Report, slot: Slot, why: str, *, again: bool = True) -> None:
        """Schedule the next try, if any, and post one notice in the channel, which is edited from then on."""
        tries, next_slot = slot.tries + 1, self._next_time(report)
        retry = (
            self.clock.now() + RETRY_DELAYS[slot.tries] if again and slot.tries < len(RETRY_DELAYS) else None
        )
        if retry is not None and next_slot is not None and retry >= next_slot:
            retry = None
        notice = await self._put_notice(report, slot, failure_notice(report, why, retry or next_slot, tries))
        state = {"state": SlotState.WAITING, "due_at": retry} if retry else {"state": SlotState.FAILED}
        row = None if retry else self._entry(slot, report, "not posted", why)
        await self._move(slot, row, **state, tries=tries, why=why, notice=notice)

    async def _put_notice(self, report: Report, slot: Slot, words: Reply) -> str:
        """Post or edit the notice. Returns its place as `channel/ts`, empty where there is none."""
        known = await self._find_notice(slot)
        if known and await self._edit_notice(known, words):
            return known
        key = f"{slot.id}:notice:{slot.tries}"
        try:
            return "/".join(await self.escalation.notices.post(report.setting.channel, words, key=key))
        except SlackError as error:
            log.warning("failure of a report not told", report=report.name, error=str(error))
            if not error.is_away:
                await self._tell_owner(report, slot, error)
            return known

    async def _edit_notice(self, notice: str, words: Reply) -> bool:
        """Edit a notice; False where it is no longer there."""
        channel, _, ts = notice.partition("/")
        try:
            await self.escalation.notices.edit(channel, ts, words)
        except SlackError as error:
            log.warning("notice not edited", channel=channel, error=str(error))
            return error.is_away
        return True

    async def _find_notice(self, slot: Slot) -> str:
        """Return the notice of this run, or of the one before if it failed too: one outage is one notice."""
        last = None if slot.notice else await self.reports.rows.last_told(slot.report, slot.at)
        failed = last if last and last.state is SlotState.FAILED else slot
        return failed.notice

    async def _clear_notice(self, report: Report, slot: Slot) -> None:
        """Edit the notice of a failure that is over, so that it does not stand there as if still true."""
        notice = await self._find_notice(slot)
        if notice:
            await self._edit_notice(
                notice, Reply(f"{report.name} could not run for a while; the report is below")
            )

    async def _move(self, slot: Slot, also: Also | None = None, **changes: object) -> None:
        await self.reports.rows.move(slot, since=SlotState.MAKING, also=also, **changes)

    def _next_time(self, report: Report) -> datetime | None:
        try:
            return next(iter(self.reports.next_times(report.setting)), None)
        except InputError:
            return None  # its calendar is gone from app.yaml

    def _entry(self, slot: Slot, report: Report | None, outcome: str, detail: str) -> Also:
        return self.audit.adding(run_entry(slot, report, outcome, detail, self.clock.now()))


def _describe_error(error: SlackError) -> str:
    return f"Slack says {error.code or error.sentence}"


def _failure_reason(reply: Reply) -> str:
    hints = [getattr(part, "text", "") for part in reply.parts[:2]]
    return " ".join(filter(None, [f"{reply.title.rstrip('.')}.", *hints]))
