"""Making one report: run its command, hold it against the last, post it, remember that it is posted.

Rule: a slot is claimed once, by a row, before anything is done for it. What it said is kept only with the
word that it is posted, so a report that a crash cut short is made anew. A post cannot be taken back: where
the process ended between Slack's answer and our row, it is posted again and says that it may be here twice.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.changes.conductor import AWAY, Notices
from bot.changes.execution import Points, no_points
from bot.clock import Clock
from bot.context import People
from bot.dispatch import Dispatcher
from bot.domain import Actor, Invocation, Origin, Standing
from bot.engine.port import Json, Steps
from bot.errors import Denied, InputError, PgbotError, SlackError, StoreError
from bot.parse import parse
from bot.policy import Asked
from bot.reply import Reply
from bot.reports.desk import Reports
from bot.reports.message import could_not, lateness, lost_channel, told
from bot.reports.record import Report, Slot, State

log = structlog.get_logger()

KIND = "report"
"""Kind of workflow."""

RETRIES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""From one try to the next, while the next slot is not nearer."""

PATIENCE = timedelta(minutes=1)
"""Until Slack is asked again when it took nothing at all."""

AT_ONCE = 4
"""Commands that run at the same time; posting has a pace of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """Makes reports. `people` and `is_external` are Slack's directory."""

    reports: Reports
    dispatcher: Dispatcher
    notices: Notices
    people: People
    is_external: Callable[[str], Awaitable[bool | None]]
    clock: Clock
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
        if slot is None or slot.state is not State.MAKING:
            return None
        report = next((each for each in await self.reports.all() if each.name == name), None)
        if report is None:
            await self.reports.rows.move(slot, since=State.MAKING, state=State.SKIPPED, why="it was removed")
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
        await self.reports.rows.made(slot, ts, said.content)
        self.at_point("made")
        await self._clear(report, slot)
        return None

    async def _reply(self, report: Report, slot: Slot) -> Reply:
        """What the command says. Raises Denied or SlackError where its owner may not have it."""
        actor = await self._actor(report)
        invocation = Invocation(
            key=f"{slot.id}:{slot.tries}",
            trace=secrets.token_hex(6),
            actor=actor,
            channel=report.setting.channel,
            text=report.setting.command,
            at=self.clock.now(),
        )
        async with self.gate:
            return await self.dispatcher.dispatch(invocation)

    async def _actor(self, report: Report) -> Actor:
        """Who sees: everything for a report of app.yaml; what its maker may see for one made in Slack."""
        if report.is_from_file:
            return Actor(origin=Origin.SCHEDULE, id=report.name)
        maker = await self.people(report.by, report.team)
        if maker.standing is Standing.UNKNOWN:
            raise SlackError("Slack does not say who made this report.", "It is tried again.")
        if await self.is_external(report.setting.channel) is not False:
            raise Denied("The channel is shared with another company, or Slack does not say that it is not.")
        try:
            command = parse(report.setting.command, self.dispatcher.registry).command
        except InputError as error:
            raise Denied(error.sentence, error.next_step) from None
        self.dispatcher.policy.require(Asked(maker, report.setting.channel, command))
        return replace(maker, origin=Origin.SCHEDULE, id=report.name, person=report.by)

    # Posting

    async def _post(self, report: Report, slot: Slot, top: Reply) -> str:
        """Where it is now; empty when it could not be posted, which has been dealt with."""
        rows = self.reports.rows
        await rows.move(slot, since=State.MAKING, is_posting=True)
        self.at_point("before posting")
        try:
            _, ts = await self.notices.post(report.setting.channel, top)
        except SlackError as error:
            await self._not_posted(report, slot, error)
            return ""
        self.at_point("posted")
        await rows.move(slot, since=State.MAKING, is_posting=False, ts=ts)
        self.at_point("posting recorded")
        return ts

    async def _not_posted(self, report: Report, slot: Slot, error: SlackError) -> None:
        rows = self.reports.rows
        if error.code in AWAY:
            again = self.clock.now() + PATIENCE
            # Without an answer nobody knows whether it is there: then it says so when it comes again.
            unsure = error.code == "no_answer"
            await rows.move(
                slot,
                since=State.MAKING,
                state=State.WAITING,
                due_at=again,
                is_posting=unsure,
                tries=slot.tries + 1,
            )
            return
        why = f"Slack says {error.code or error.sentence}"
        await rows.move(slot, since=State.MAKING, state=State.FAILED, is_posting=False, why=why)
        standing = (await rows.standings()).get(report.name)
        if standing is None or not standing.is_lost:
            notice = lost_channel(report, f"{why}.", self._next(report))
            await self.notices.post(report.setting.owner, notice)
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
        state = {"state": State.WAITING, "due_at": retry} if retry else {"state": State.FAILED}
        await self.reports.rows.move(
            slot, since=State.MAKING, **state, tries=tries, why=why, notice=notice, is_posting=False
        )

    async def _say(self, report: Report, slot: Slot, words: Reply) -> str:
        """Where the notice is: `channel/ts`, empty where there is none."""
        known = slot.notice or await self._standing_notice(report, slot)
        try:
            if known:
                channel, _, ts = known.partition("/")
                await self.notices.edit(channel, ts, words)
                return known
            return "/".join(await self.notices.post(report.setting.channel, words))
        except SlackError as error:
            log.warning("failure of a report not told", report=report.name, error=str(error))
            return known

    async def _standing_notice(self, report: Report, slot: Slot) -> str:
        """That of the slot before, where that failed too: one outage is told once."""
        earlier = [each for each in await self.reports.rows.latest(report.name, 5) if each.at < slot.at]
        failed = earlier[0] if earlier and earlier[0].state is State.FAILED else None
        return failed.notice if failed else ""

    async def _clear(self, report: Report, slot: Slot) -> None:
        """The notice of a failure must not stand there as if it were still true."""
        notice = slot.notice or await self._standing_notice(report, slot)
        if not notice:
            return
        channel, _, ts = notice.partition("/")
        try:
            await self.notices.edit(
                channel, ts, Reply(f"{report.name} could not be made for a while; it is below")
            )
        except SlackError as error:
            log.warning("notice not edited", report=report.name, error=str(error))

    def _next(self, report: Report) -> datetime | None:
        return next(iter(self.reports.next_times(report.setting)), None)


def _reason(reply: Reply) -> str:
    hints = [getattr(part, "text", "") for part in reply.parts[:2]]
    return " ".join(filter(None, [f"{reply.title.rstrip('.')}.", *hints]))
