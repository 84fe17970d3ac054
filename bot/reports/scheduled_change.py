"""Changes that app.yaml asks for at times: in the name of the line's owner, and once for each slot."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot.access.policy import UNREAD, CommandRequest, Policy
from bot.changes.service import ChangeService, change_id_for
from bot.domain.errors import Denied, SlackError
from bot.domain.reply import Reply
from bot.domain.request import AccountStatus, Actor, Invocation, IsExternal, Origin, People
from bot.reports.record import Report, Slot
from bot.reports.report_service import Parse
from bot.runtime.clock import Clock

RunCommand = Callable[[Invocation], Awaitable[Reply]]
"""Runs one command line as its actor; never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledRefusal:
    """A proposal that was refused. `is_final`: another try of this run would change nothing."""

    reply: Reply
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledChange:
    """Proposes through the ordinary gate. `people` and `is_external` are Slack's directory."""

    run_command: RunCommand
    parse: Parse
    policy: Policy
    changes: ChangeService
    people: People
    is_external: IsExternal
    clock: Clock

    def is_change(self, report: Report) -> bool:
        """Return whether this report's command is a change. Raises InputError for a command that does not
        exist."""
        return self.parse(report.setting.command).command.schedulable

    async def propose(self, report: Report, slot: Slot) -> ScheduledRefusal | None:
        """Propose the run's change; None when it is stored, now or by an earlier try. Raises Denied,
        SlackError or StoreError."""
        rows, change_id = self.changes.rows, change_id_for(slot.id)
        if await rows.get(change_id) is not None:
            return None
        if slot.asked_by:
            raise Denied(
                f"{report.name} requests a change for its owner, so it only runs on schedule.",
                f"Request the change yourself: “{report.setting.command}”.",
            )
        invocation = await self._make_invocation(report, slot)
        reply = await self.run_command(invocation)
        if await rows.get(change_id) is not None:
            return None
        command = self.parse(report.setting.command).command
        allowed = self.policy.may_run(CommandRequest.by(invocation, command)).allowed
        return ScheduledRefusal(reply=reply, is_final=not allowed and UNREAD not in invocation.actor.groups)

    async def _make_invocation(self, report: Report, slot: Slot) -> Invocation:
        channel = report.setting.channel
        return Invocation(
            key=slot.id,
            trace=slot.id,
            actor=await self._find_owner(report),
            channel=channel,
            text=report.setting.command,
            at=self.clock.now(),
            external_channel=await self.is_external(channel, report.setting.owner),
        )

    async def _find_owner(self, report: Report) -> Actor:
        """Return the owner as they are now: what they may not do, their report may not do either."""
        owner = await self.people(report.setting.owner, report.team)
        if owner.standing is AccountStatus.UNKNOWN:
            raise SlackError(f"Slack did not say who {report.setting.owner} is.", "The bot will try again.")
        return replace(owner, origin=Origin.SCHEDULE, id=report.name, person=report.setting.owner)
