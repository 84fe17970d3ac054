"""Carrying out one change: look again, send at most once, follow, read back; as steps of a workflow.

The request leaves only from the execution that recorded the attempt. Whoever finds an attempt recorded looks
for what it did and never sends it again; if looking cannot tell, people decide (durable-engine, section 3).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import structlog

from bot.changes.execution_context import ExecutionContext
from bot.changes.follow import WHETHER, ChangeFollower
from bot.changes.operation import ChangeOperation
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.replan import PatientReplan, Replanning
from bot.changes.run_log import RunLog
from bot.changes.service import ChangeService
from bot.domain.attempt import Attempt
from bot.domain.errors import CloudError, NoSuchThing, OutcomeUnknown, PgbotError, StoreError
from bot.domain.plan import Plan
from bot.runtime.clock import Clock
from bot.runtime.request_context import collect_requests, trace_id
from bot.runtime.workflows.port import Json, Steps
from bot.runtime.workflows.shutdown import hold_stop, release_stop

log = structlog.get_logger()

KIND = "change"
FOLLOW = "follow"
"""Kinds of workflow: the whole; and what an earlier release began after a person had said that it ran."""


Points = Callable[[str], None]
"""Told the name of each point that is passed; the crash tests end the process there."""


def no_points(_name: str) -> None:
    """In production nothing listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeExecutor:
    """Runs changes. Steps return plain values, so that the engine can keep them."""

    story: RunLog
    changes: ChangeService
    operation: Callable[[str], ChangeOperation | None]
    acting: ExecutionContext
    clock: Clock
    replan: Replanning
    at_point: Points = no_points

    def workflows(self) -> Mapping[str, Callable[[Mapping[str, Json], Steps], Awaitable[None]]]:
        """For the engine."""
        return {KIND: self.run, FOLLOW: self.follow}

    async def run(self, payload: Mapping[str, Json], steps: Steps) -> None:
        """The workflow of a change that has its approvals."""
        change_id = str(payload["id"])
        trace_id.set(change_id)
        sent = cast("dict[str, Any]", await steps.run("act", lambda: self.act(change_id)))
        self.at_point("acted")
        if sent["outcome"] == "sent":
            await self._finish(change_id, sent, steps)

    async def follow(self, payload: Mapping[str, Json], steps: Steps) -> None:
        """The rest of it, after a person said that it ran."""
        change_id = str(payload["id"])
        trace_id.set(change_id)
        await self._finish(change_id, {"made": "", "shown": True}, steps)

    async def _finish(self, change_id: str, sent: Mapping[str, Any], steps: Steps) -> None:
        ended = cast(
            "dict[str, Any]", await steps.run("watch", lambda: self.following().watch(change_id, sent))
        )
        self.at_point("watched")
        await steps.run("end", lambda: self._end(change_id, ended))
        self.at_point("ended")

    # The first step: look again, then send at most once

    async def act(self, change_id: str) -> Json:
        """What came of it: `outcome`, and where it was sent `made` and whether it has `shown`."""
        record = await self.story.get(change_id)
        if record.state is not ChangeState.RUNNING:
            return {"outcome": "over"}
        try:
            return await self._acted(record)
        except StoreError:
            raise
        except Exception:
            log.exception("change failed inside the bot", change=change_id)
            return await self._broken(record)

    async def _broken(self, record: ChangeRecord) -> Json:
        """A fault of ours must end a change, too: what was not sent is over, what may be is looked for."""
        words = f"Something went wrong inside the bot; its log has the details under {record.id}"
        attempt = await self.story.rows.attempt(record.id)
        if attempt is not None:
            return await self._look(record, attempt, words)
        await self.story.stopped(record, f"{words}.")
        return {"outcome": "stopped"}

    async def _acted(self, record: ChangeRecord) -> Json:
        attempt = await self.story.rows.attempt(record.id)
        if record.said_ran and record.plan.subject.id:
            return {"outcome": "sent", "made": record.made, "shown": True}
        if attempt is not None:
            # What it made is looked for, too, when a person says that it ran: only so can it be followed.
            said = f"{record.said_ran} says that it ran"
            return await self._look(record, attempt, said if record.said_ran else "the bot was interrupted")
        plan = await self._observe_again(record)
        if plan is None:
            return {"outcome": "stopped"}
        return await self._send(record, plan)

    async def _observe_again(self, record: ChangeRecord) -> Plan | None:
        """The plan as it would be now, if it is still the same; else the change is over or asked anew."""
        self.at_point("before observing")
        try:
            now = await self._second_look().plan(record)
            if now is None:
                return None
            self.at_point("observed")
            more = self.changes.asks_more(record, now)
            if record.plan.is_still(now) and not more:
                return now
            await self.story.replaced(record, now, more)
        except StoreError:
            raise
        except PgbotError as error:
            await self.story.stopped(record, error.sentence, error.next_step)
        return None

    async def _send(self, record: ChangeRecord, plan: Plan) -> Json:
        change = self._change(record)
        try:
            attempt = Attempt(armed_at=self.clock.now(), baseline=await self._baseline(plan))
        except CloudError as error:
            await self.story.stopped(record, error.sentence, error.next_step)
            return {"outcome": "stopped"}
        self.at_point("before arming")
        if not await self._second_look().keeps_turn(record):
            return {"outcome": "over"}
        hold_stop()
        if not await self.story.armed(record, attempt):
            return {"outcome": "over"}
        self.at_point("armed")
        requests = collect_requests()
        try:
            made = await change.execute(plan, self.acting.of(record.id, record.requester.id))
        except OutcomeUnknown as error:
            await self.story.answered(record, "answer lost", error, requests)
            return await self._look(record, attempt, error.sentence)
        except StoreError:
            # The row before the request could not be written, so it never left; nor can this be.
            raise
        except PgbotError as error:
            await self.story.answered(record, "refused", error, requests)
            return await self._refused(record, error)
        self.at_point("sent")
        await self.story.sent(record, made, requests=requests)
        self.at_point("sending recorded")
        return {"outcome": "sent", "made": made, "shown": False}

    async def _refused(self, record: ChangeRecord, error: PgbotError) -> Json:
        """A clear no, ours or the cloud's, is a failure. What is less clear of a request is OutcomeUnknown;
        any other trouble was met in reading before it, so that nothing has left."""
        await self.story.failed(record, error.sentence, error.next_step)
        return {"outcome": "failed"}

    # After a lost answer: look, never send

    async def _look(self, record: ChangeRecord, attempt: Attempt, why: str) -> Json:
        release_stop()
        await self.story.progress(
            record.id, f"The answer was lost ({why.rstrip('.')}); looking for its effect"
        )
        evidence = await self.following().evidence(record, attempt)
        self.at_point("looked")
        if evidence is None:
            await self.story.unknown(record, why)
            return {"outcome": "unknown"}
        await self.story.sent(record, evidence.made, evidence.words)
        return {"outcome": "sent", "made": evidence.made, "shown": True, "passes": not evidence.lasts}

    async def _end(self, change_id: str, ended: Mapping[str, Any]) -> Json:
        if ended.get("unknown"):
            what = str(ended.get("what", WHETHER))
            await self.story.unknown(await self.story.get(change_id), str(ended["unknown"]), what)
        elif not ended.get("over"):
            differs = [str(each) for each in ended.get("differs", [])]
            await self.story.ended(change_id, ended["reached"], str(ended.get("words", "")), differs)
        return None

    def following(self) -> ChangeFollower:
        """What only looks."""
        return ChangeFollower(
            story=self.story,
            acting=self.acting,
            clock=self.clock,
            change=self._known_change,
            at_point=self.at_point,
        )

    def _second_look(self) -> PatientReplan:
        return PatientReplan(
            story=self.story,
            acting=self.acting,
            clock=self.clock,
            replan=self.replan,
            frozen_until=self.changes.frozen_until,
        )

    async def _baseline(self, plan: Plan) -> frozenset[str]:
        if not plan.subject.id:
            return frozenset(each.id for each in await self.acting.named(plan.subject))
        return await self.acting.backup_ids(plan.subject.as_cluster())

    def _known_change(self, record: ChangeRecord) -> ChangeOperation | None:
        return self.operation(record.plan.command)

    def _change(self, record: ChangeRecord) -> ChangeOperation:
        change = self._known_change(record)
        if change is None:
            raise not_in_this_release(record)
        return change


def not_in_this_release(record: ChangeRecord) -> NoSuchThing:
    """The error for a change that a release before this one could make. It ends like any other: what is not
    sent is over, and of what may be nobody here can tell."""
    return NoSuchThing(f"This release has no command “{record.plan.command}”.", "Ask for it another way.")
