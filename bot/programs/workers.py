"""The work on changes and reports in `serve`: the workflow engine and both schedulers."""

import asyncio
import importlib
from dataclasses import dataclass, replace

from bot.access.policy import CommandRequest
from bot.audit.lineage_store import ENGINE
from bot.changes.executor import ChangeExecutor, unknown_command_error
from bot.changes.follow import Points, ignore_points
from bot.changes.notices import ApproverNames, Escalation
from bot.changes.notifications import AlarmNotifier, ChangeNotifier
from bot.changes.operation import ExecutionContext
from bot.changes.record import ChangeRecord
from bot.changes.restore_drill import DrillExecutor
from bot.changes.run_log import RunLog
from bot.changes.scheduler import ChangeScheduler
from bot.commands.context import Context
from bot.commands.declaration import Command
from bot.commands.dispatcher import Dispatcher
from bot.domain.approval_requirement import ApprovalRequirement
from bot.domain.errors import Denied, SlackError
from bot.domain.phrases import join_names
from bot.domain.plan import Plan
from bot.domain.request import AccountStatus, Actor, Invocation, Origin
from bot.ionos.read_cache import TimedCache
from bot.programs.kernel import Kernel
from bot.reports.job import MAX_LISTING_AGE, ReportJob
from bot.reports.run_scheduler import ReportScheduler
from bot.runtime.clock import Clock
from bot.runtime.workflows.port import Engine
from bot.slack.directory import Directory

PROBE_SECONDS = 5.0
"""Seconds for which the result of a check that writes is reused."""

ANSWER_SECONDS = 20.0
"""Seconds that a request which is under way has for its answer when the bot stops; the engine is closed in
what is then left of `bot.programs.serve.DRAIN_SECONDS`."""


_WHY_GONE = {
    AccountStatus.DEACTIVATED: "the account is deactivated",
    AccountStatus.GUEST: "the account is now a guest",
    AccountStatus.STRANGER: "the account belongs to another workspace",
    AccountStatus.BOT: "the account is an app",
}
"""Reasons for an approval that no longer counts, besides a role that is gone."""


@dataclass(frozen=True, slots=True)
class RequesterReplan:
    """A new plan of a kept change for its requester, if request and approvals would still be allowed."""

    dispatcher: Dispatcher
    directory: Directory

    async def __call__(self, record: ChangeRecord) -> Plan:
        """Plan it again. Raises Denied, or what the planner raises."""
        await self._require_approvals(record)
        ctx = await self._context(record)
        assert ctx.command.change is not None  # noqa: S101 - `_command` has looked
        arguments = ctx.command.arguments(**record.plan.arguments)
        return await ctx.command.change.plan(arguments, replace(ctx, is_replan=True))

    async def require_authority(self, record: ChangeRecord) -> None:
        """Raise Denied unless requester and approvers may still do this, by what Slack says now.

        Everything else goes by answers of the last minute. Raises SlackError when Slack does not say.
        """
        now = replace(self, directory=self.directory.afresh())
        await now._require_approvals(record)  # noqa: SLF001 - it is of this class
        ctx = await now._context(record)  # noqa: SLF001 - it is of this class
        if not ctx.may_propose(record.plan):
            who, what = record.requester.name, f"“{ctx.command.name}” on {record.plan.target.called}"
            raise Denied(f"{who} may no longer run {what}.", "Ask a person with permission to request it.")

    async def _context(self, record: ChangeRecord) -> Context:
        """Return the context of the requester, who may still run the command. Raises Denied or SlackError."""
        command = self._command(record)
        actor = await self._actor(record.requester.id, record.requester.team)
        invocation = _invoke_again(record, actor, record.plan, self.dispatcher.clock)
        self.dispatcher.policy.require(CommandRequest.by(invocation, command))
        return self.dispatcher.make_context(invocation, command)

    def _command(self, record: ChangeRecord) -> Command:
        command = self.dispatcher.registry.get(tuple(record.plan.command.split()))
        if command is None or command.change is None:
            raise unknown_command_error(record)
        return command

    async def _require_approvals(self, record: ChangeRecord) -> None:
        """Raise Denied unless those who approved it, or used break-glass, still have the roles."""
        if record.skipped:
            await self._require_break_glass(record)
            return
        need = record.need.union(await self.dispatcher.changes.find_requirement(record.plan))
        votes, lost, why = [], [], set()
        for vote in record.approvals:
            actor = await self._actor(vote.voter, record.requester.team)
            now = vote.roles & self._roles(record, actor, need)
            votes.append(replace(vote, roles=now))
            if now != vote.roles:
                lost.append(vote.name)
                why.add(_WHY_GONE.get(actor.standing, "the role was removed"))
        # What today's rules ask for beyond that doesn't end it: it is asked for again.
        if len(replace(record, votes=tuple(votes)).missing_roles(need)) > len(record.missing_roles(need)):
            raise Denied(
                f"The approval of {join_names(lost)} no longer counts: {join_names(sorted(why))}.",
                "Request it again.",
            )

    async def _require_break_glass(self, record: ChangeRecord) -> None:
        """Raise Denied unless the person who used it may, by the requirement and by today's policy."""
        need = record.need.union(await self.dispatcher.changes.find_requirement(record.plan))
        actor = await self._actor(record.break_glass_by, record.requester.team)
        is_own = actor.member == record.requester.id and not need.requester_may_break_glass
        if is_own or self._roles(record, actor, need).isdisjoint(need.break_glass):
            raise Denied("The person who used break-glass no longer has the role.", "Request it again.")

    def _roles(self, record: ChangeRecord, actor: Actor, need: ApprovalRequirement) -> frozenset[str]:
        """Return the roles that somebody has for the change now; none for anybody but full members."""
        if actor.standing is not AccountStatus.MEMBER:
            return frozenset()
        return self.dispatcher.policy.roles_in(actor, record.plan, need)

    async def _actor(self, user: str, team: str) -> Actor:
        """Return the person. Raises SlackError when Slack does not say who it is, which refuses nothing."""
        actor = await self.directory.actor(user, team, certain=True)
        if actor.standing is AccountStatus.UNKNOWN:
            raise SlackError("Slack does not say who requested and approved it.", "Try again later.")
        return actor


def _invoke_again(record: ChangeRecord, actor: Actor, plan: Plan, clock: Clock) -> Invocation:
    return Invocation(
        key=f"again:{record.id}",
        trace=record.id,
        actor=actor,
        channel=record.requester.channel,
        text=plan.command,
        at=clock.now(),
    )


@dataclass(frozen=True, slots=True)
class Workers:
    """The background work of `serve`. `at_point` is for crash tests."""

    kernel: Kernel
    dispatcher: Dispatcher
    directory: Directory
    escalation: Escalation
    at_point: Points = ignore_points

    async def run(self) -> None:
        """Run for ever: resume what a crash left behind, then schedule changes and reports."""
        # `serve` has imported it; at the top it would delay every other program by a second.
        engines = importlib.import_module("bot.runtime.workflows.dbos")
        kernel, dispatcher, run_log = self.kernel, self.dispatcher, self._run_log()
        # The engine goes on with what it finds in its file, which another bot may be at.
        await dispatcher.gate.right.unopposed()
        replan = RequesterReplan(dispatcher, self.directory)
        execution = ChangeExecutor(
            run_log=run_log,
            changes=dispatcher.changes,
            operation=dispatcher.registry.find_operation,
            context=ExecutionContext(
                fleet=dispatcher.fleet,
                settings=dispatcher.settings,
                handover=dispatcher.handover,
                now=dispatcher.clock.now,
            ),
            clock=dispatcher.clock,
            replan=replan,
            require_authority=replan.require_authority,
            gate=dispatcher.gate,
            at_point=self.at_point,
        )
        workflows = {**execution.workflows(), **DrillExecutor(executor=execution).workflows()}
        workflows |= self._report_job().workflows()
        async with engines.open_engine(kernel.setup.data / ENGINE, workflows, ANSWER_SECONDS) as engine:
            kernel.health.add("engine", kernel.files.check_engine, PROBE_SECONDS)
            scheduler = self._change_scheduler(run_log, engine)
            await asyncio.gather(scheduler.run(), self._report_scheduler(engine).run())

    def _report_job(self) -> ReportJob:
        dispatcher = self.dispatcher
        shared = dispatcher.fleet.cached(TimedCache(dispatcher.clock, MAX_LISTING_AGE))
        return ReportJob(
            reports=dispatcher.reports,
            run_command=replace(dispatcher, fleet=shared).dispatch,
            request_change=dispatcher.dispatch,
            changes=dispatcher.changes,
            policy=dispatcher.policy,
            audit=dispatcher.audit,
            escalation=self.escalation,
            people=self.directory.actor,
            is_external=self.directory.is_external,
            clock=dispatcher.clock,
            since=dispatcher.clock.now(),
            at_point=self.at_point,
        )

    def _report_scheduler(self, engine: Engine) -> ReportScheduler:
        return ReportScheduler(
            reports=self.dispatcher.reports,
            engine=engine,
            clock=self.dispatcher.clock,
            audit=self.dispatcher.audit,
            gate=self.dispatcher.gate,
            at_point=self.at_point,
        )

    def _run_log(self) -> RunLog:
        dispatcher = self.dispatcher
        return RunLog(
            rows=dispatcher.changes.rows,
            clock=dispatcher.clock,
            propose_again=self._propose_again,
            wake=self.kernel.waker,
        )

    def _change_scheduler(self, run_log: RunLog, engine: Engine) -> ChangeScheduler:
        dispatcher = self.dispatcher
        return ChangeScheduler(
            changes=dispatcher.changes,
            run_log=run_log,
            engine=engine,
            notifier=ChangeNotifier(
                run_log=run_log,
                escalation=self.escalation,
                settings=dispatcher.settings,
                approvers=ApproverNames(dispatcher.policy, self.directory),
                at_point=self.at_point,
            ),
            alarms=AlarmNotifier(
                rows=run_log.rows,
                escalation=self.escalation,
                settings=dispatcher.settings,
                clock=dispatcher.clock,
                lineage=self.kernel.lineage.rows,
            ),
            handover=dispatcher.handover,
            clock=dispatcher.clock,
            waker=self.kernel.waker,
            gate=dispatcher.gate,
            at_point=self.at_point,
        )

    async def _propose_again(self, record: ChangeRecord, plan: Plan) -> ChangeRecord:
        """Propose the change again in the place of one whose cluster has changed, by the same requester.

        Only once: a crash may come between it and the end of the old one.
        """
        made = await self.dispatcher.changes.rows.replacing(record.id)
        if made is not None:
            return made
        who = record.requester
        actor = Actor(
            origin=Origin.SCHEDULE if who.origin == Origin.SCHEDULE else Origin.SLACK,
            id=who.id,
            name=who.name,
            team=who.team,
            time_zone=who.time_zone,
            person=who.id,
        )
        invocation = _invoke_again(record, actor, plan, self.dispatcher.clock)
        return await self.dispatcher.changes.add_change(plan, invocation, record.reason, replaces=record.id)
