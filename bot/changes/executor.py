"""Execution of one change as workflow steps: plan again, send at most once, follow, read back.

The request is sent only by the execution that recorded the attempt. An execution that finds an attempt
recorded looks for its effect and never sends again; if that is inconclusive, people decide (durable-engine,
section 3).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from bot.changes.follow import IF_IT_HAPPENED, RETRY_SECONDS, ChangeFollower, describe_trouble
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.service import ChangeService
from bot.domain.attempt import WORKING, Attempt
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import (
    CloudError,
    CloudTrouble,
    Conflict,
    Denied,
    InputError,
    LogInDoubt,
    NoSuchThing,
    NotFound,
    NotTheHolder,
    OutcomeUnknown,
    PgbotError,
    RateLimited,
    SlackError,
    StoreError,
    UnprovenChange,
    Unreachable,
    UnreadableAnswer,
)
from bot.domain.plan import Plan
from bot.domain.request import ApiRequest
from bot.runtime.logger import get_logger
from bot.runtime.request_context import collect_requests, trace_id
from bot.runtime.sending_right import SendingGate
from bot.runtime.workflows.port import Json, Steps, hold_stop, release_stop

log = get_logger()

KIND = "change"
FOLLOW = "follow"
"""Kinds of workflow: the whole; and what an earlier release began after a person had said that it ran."""

REPLAN_SECONDS = 3_600.0
"""Seconds for which an approved change waits for its cluster, the cloud or Slack before it gives up."""

TRANSIENT = (
    *(Conflict, RateLimited, CloudTrouble, Unreachable, UnreadableAnswer),
    *(SlackError, LogInDoubt, NotTheHolder),
)
"""Errors that may be gone at the next try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeExecutor(ChangeFollower):
    """Runs changes. Steps return plain values, so that the engine can keep them.

    `replan` plans a stored change again, as its requester, with what there is now; it only reads, and raises
    PgbotError: Denied when the requester may no longer ask for it. `require_authority` raises Denied unless
    requester and approvers may still do this, by what Slack says now, and SlackError when Slack does not say.
    """

    changes: ChangeService
    replan: Callable[[ChangeRecord], Awaitable[Plan]]
    require_authority: Callable[[ChangeRecord], Awaitable[None]]
    gate: SendingGate = field(default_factory=SendingGate)

    def workflows(self) -> Mapping[str, Callable[[Mapping[str, Json], Steps], Awaitable[None]]]:
        """Return the workflows by kind, for the engine."""
        return {KIND: self.run, FOLLOW: self.follow}

    async def run(self, payload: Mapping[str, Json], steps: Steps) -> None:
        """Run the workflow of an approved change."""
        change_id = str(payload["id"])
        trace_id.set(change_id)
        sent = cast("dict[str, Any]", await steps.run("act", lambda: self.plan_and_send(change_id)))
        self.at_point("acted")
        if sent["outcome"] == "sent":
            await self._finish(change_id, sent, steps)

    async def follow(self, payload: Mapping[str, Json], steps: Steps) -> None:
        """Run the rest of the workflow after a person confirmed that the change ran."""
        change_id = str(payload["id"])
        trace_id.set(change_id)
        await self._finish(change_id, {"made": "", "shown": True}, steps)

    async def _finish(self, change_id: str, sent: Mapping[str, Any], steps: Steps) -> None:
        ended = cast("dict[str, Any]", await steps.run("watch", lambda: self.follow_change(change_id, sent)))
        self.at_point("watched")
        await steps.run("end", lambda: self._end(change_id, ended))
        self.at_point("ended")

    # The first step: plan again, then send at most once

    async def plan_and_send(self, change_id: str) -> Json:
        """Run the first step. Returns `outcome` and, for a change that was sent, `made` and whether it is
        `shown`."""
        record = await self.run_log.get_change(change_id)
        if record.state is not ChangeState.RUNNING:
            return {"outcome": "over"}
        try:
            # In doubt, what was sent is followed, and what was not waits until somebody has looked.
            with suppress(LogInDoubt):
                await self.run_log.require_proven(record)
            return await self._send_or_find(record)
        except StoreError:
            raise
        except UnprovenChange as error:
            log.error("change stopped", change=change_id, error=str(error))  # noqa: TRY400 - no bug of ours
            return {"outcome": "stopped"}
        except Exception as error:  # noqa: BLE001 - a bug of ours must not be met again and again
            return await self._end_after_trouble(record, describe_trouble(record, error))

    async def _end_after_trouble(self, record: ChangeRecord, words: str) -> Json:
        """End a change after a bug of ours: one that was not sent has failed, one that may have been sent is
        looked for."""
        attempt = await self.run_log.rows.attempt(record.id)
        if attempt is not None:
            return await self._find_effect(record, attempt, words)
        await self.run_log.stop(record, f"{words[:1].upper()}{words[1:].rstrip('.')}.")
        return {"outcome": "stopped"}

    async def _send_or_find(self, record: ChangeRecord) -> Json:
        attempt = await self.run_log.rows.attempt(record.id)
        if record.said_ran and record.plan.subject.id:
            return {"outcome": "sent", "made": record.made, "shown": True}
        if attempt is not None:
            # A change that a person says has run is looked for too: without its id it cannot be followed.
            said = f"{record.said_ran} says that it ran"
            return await self._find_effect(
                record, attempt, said if record.said_ran else "the bot was interrupted"
            )
        deadline = self.clock.monotonic() + REPLAN_SECONDS
        epoch = self.gate.right.epoch
        while (plan := await self._plan_again(record)) is not None:
            self.at_point("before arming")
            try:
                await self.require_authority(record)
                hand = self._hand_out if plan.hands_out_script else self._send
                if (outcome := await hand(record, plan, epoch)) is not None:
                    return outcome
            except (Denied, InputError, *TRANSIENT, CloudError) as error:
                if await self.run_log.rows.attempt(record.id) is not None:
                    raise
                release_stop()
                await self._wait_or_stop(record, error, deadline)
            # Another bot may have held the lease since it was planned: it is planned again under this one.
            epoch = self.gate.right.epoch
        return {"outcome": "stopped"}

    async def _wait_or_stop(self, record: ChangeRecord, error: PgbotError, deadline: float) -> None:
        """Wait for what may pass before the change is planned again; for anything else, stop the change."""
        if isinstance(error, TRANSIENT) and self.clock.monotonic() < deadline:
            await self.run_log.record_wait(record.id, error)
            await self.clock.sleep(RETRY_SECONDS)
        else:
            await self.run_log.stop(record, error.sentence, error.next_step)

    async def _plan_again(self, record: ChangeRecord) -> Plan | None:
        """Return the plan made again if it is unchanged; else stop the change or propose it again, and return
        None."""
        self.at_point("before observing")
        try:
            now = await self._replan_at_rest(record)
            if now is None:
                return None
            self.at_point("observed")
            why = await self.changes.describe_stricter_policy(record, now)
            if record.plan.is_still(now):
                why = why or await self.changes.describe_lapse(record, now)
                if not why:
                    return now
            await self.run_log.supersede(record, now, why)
        except StoreError:
            raise
        except PgbotError as error:
            await self.run_log.stop(record, error.sentence, error.next_step)
        return None

    async def _replan_at_rest(self, record: ChangeRecord) -> Plan | None:
        """Return the plan made again, or None when the change no longer runs.

        Waits out what passes by itself: a cluster at work, a cloud or a Slack that does not answer, a lease
        that another bot holds. Raises what the planner raises, UnprovenChange, and what has not passed within
        the time limit.
        """
        deadline = self.clock.monotonic() + REPLAN_SECONDS
        while await self._stays_running(record):
            try:
                await self.gate.require()
                await self.run_log.require_proven(record)
                await self._require_at_rest(record)
                if not record.plan.subject.id:
                    # Before the planner says that the name is taken.
                    await self.context.find_unmarked(record.plan.subject, record.id)
                return await self.replan(record)
            except TRANSIENT as error:
                if self.clock.monotonic() >= deadline:
                    raise
                await self.run_log.record_wait(record.id, error)
            await self.clock.sleep(RETRY_SECONDS)
        return None

    async def _stays_running(self, record: ChangeRecord) -> bool:
        """Return whether the change still runs: it may have been stopped, and in a change freeze it goes back
        to the queue."""
        frozen = await self.changes.find_frozen(record)
        return await self.run_log.stays_running(record, frozen.get(record.id))

    async def _require_at_rest(self, record: ChangeRecord) -> None:
        """Raise Conflict while the cluster is at work: later that could be taken for our change; Unreachable
        while its address does not find it, and it may exist all the same."""
        target = record.plan.subject
        if not target.id:
            return
        try:
            cluster = await self.context.read_cluster(target)
        except NotFound as error:
            if await self.context.fleet.doubt_absence(target.as_cluster()):
                raise Unreachable(error.sentence, error.next_step) from None
            return  # the planner's error says it better
        if cluster.state in WORKING - {"DESTROYING"}:
            raise Conflict(f"{cluster.name} is {cluster.state}.", "Request it again when it is AVAILABLE.")

    async def _hand_out(self, record: ChangeRecord, _plan: Plan, _epoch: str) -> Json:
        """End a change whose script a person runs: there is nothing to send."""
        await self.run_log.require_proven(record)
        words = f"“change show {record.id}” has the script, and nothing has run"
        await self.run_log.end(record.id, reached=True, words=words, differs=())
        return {"outcome": "over"}

    async def _send(self, record: ChangeRecord, plan: Plan, epoch: str) -> Json | None:
        """Send it, if this bot has held the lease of this epoch since it was planned; else return None.

        Raises PgbotError for what it meets before the attempt is recorded.
        """
        change = self.operation(record.plan.command)
        if change is None:
            raise unknown_command_error(record)
        baseline = await self._read_baseline(record, plan)
        attempt = Attempt(armed_at=self.clock.now(), baseline=baseline, epoch=epoch)
        is_lapsed = await self.changes.find_lapse(record, plan)
        if not await self._stays_running(record):
            return {"outcome": "over"}
        hold_stop()
        # Where its decisions have just become too old, the scheduler has it planned again, which asks again.
        if not await self.run_log.arm(record, attempt, is_lapsed, lambda: self.gate.allows(epoch)):
            release_stop()
            return {"outcome": "over"} if self.gate.allows(epoch) else None
        self.at_point("armed")
        requests = collect_requests()
        try:
            made = await change.execute(plan, self.context.for_change(record.id, record.requester.id))
        except OutcomeUnknown as error:
            await self.run_log.record_answer(record, "answer lost", error, requests)
            return await self._find_effect(record, attempt, error.sentence)
        except StoreError:
            # The row before the request could not be written, so the request was not sent.
            raise
        except PgbotError as error:
            return await self._fail_refused(record, error, requests)
        self.at_point("sent")
        await self.run_log.record_sent(record, made, requests=requests)
        self.at_point("sending recorded")
        return {"outcome": "sent", "made": made, "shown": False}

    async def _fail_refused(
        self, record: ChangeRecord, error: PgbotError, requests: Sequence[ApiRequest]
    ) -> Json:
        """Fail the change after a clear refusal, ours or the cloud's. Unclear answers to a request raise
        OutcomeUnknown, and any other error was met in reading before it, so that nothing was sent."""
        if isinstance(error, SlackError | LogInDoubt | NotTheHolder):
            # The anchor was not kept, or the right to send was lost, before the request left.
            await self.run_log.stop(record, error.sentence, error.next_step)
        else:
            await self.run_log.record_answer(record, "refused", error, requests)
            await self.run_log.fail(record, error.sentence, error.next_step)
        return {"outcome": "failed"}

    # After a lost answer: find the effect, never send

    async def _find_effect(self, record: ChangeRecord, attempt: Attempt, why: str) -> Json:
        release_stop()
        await self.run_log.record_progress(
            record.id, f"The answer was lost ({why.rstrip('.')}). Checking the cluster for its effect"
        )
        try:
            evidence = await self.find_evidence(record, attempt)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours must not be met again and again
            evidence, why = None, f"{why.rstrip('.')}; {describe_trouble(record, error)}"
        self.at_point("looked")
        if evidence is None:
            await self.run_log.mark_unknown(record, why)
            return {"outcome": "unknown"}
        await self.run_log.record_sent(record, evidence.made, evidence.words)
        return {"outcome": "sent", "made": evidence.made, "shown": True, "passes": not evidence.lasts}

    async def _end(self, change_id: str, ended: Mapping[str, Any]) -> Json:
        record = await self.run_log.get_change(change_id)
        if why := str(ended.get("unknown", "")):
            await self.run_log.mark_unknown(record, why, str(ended.get("what", IF_IT_HAPPENED)))
        elif why := await self.find_unrecorded(record):
            await self.run_log.mark_unknown(record, why)
        elif not ended.get("over"):
            differs = [str(each) for each in ended.get("differs", [])]
            await self.run_log.end(change_id, ended["reached"], str(ended.get("words", "")), differs)
        return None

    async def _read_baseline(self, record: ChangeRecord, plan: Plan) -> frozenset[str]:
        if not plan.subject.id:
            return await self.context.find_unmarked(plan.subject, record.id)
        return await self.context.read_backup_ids(plan.subject.as_cluster())


def unknown_command_error(record: ChangeRecord) -> NoSuchThing:
    """Return the error for a change of a command that only an earlier release had. If it was not sent it
    fails, and if it may have been sent its outcome is unknown."""
    return NoSuchThing(
        ErrorCode.COMMAND_UNKNOWN,
        f"This release has no command “{record.plan.command}”.",
        "Request it another way.",
    )
