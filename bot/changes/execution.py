"""Carrying out one change: look again, send at most once, follow, read back; as steps of a workflow.

The request leaves only from the execution that recorded the attempt. Whoever finds an attempt recorded looks
for what it did and never sends it again; if looking cannot tell, people decide (durable-engine, section 3).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import structlog

from bot.acting import Acting
from bot.api.waiting import Waited, Wish
from bot.changes.record import Record, State
from bot.changes.second_look import BETWEEN_LOOKS, Replanning, SecondLook
from bot.changes.story import Story
from bot.clock import Clock
from bot.command import Change, Registry
from bot.domain import Cluster
from bot.engine.port import Json, Steps
from bot.engine.stopping import hold_stop, release_stop
from bot.errors import CloudError, OutcomeUnknown, PgbotError, StoreError, Unreachable
from bot.looking import Attempt, Evidence
from bot.plan import Plan
from bot.readings import as_observed, differences
from bot.trace import collect_requests, trace_id

log = structlog.get_logger()

GRACE = 180.0
"""Seconds for which the cloud is looked at after a lost answer: longer than a request may take, and than a
restore was ever seen to need until it shows (assumed: the notes leave it open)."""

PATIENCE = 86_400.0
"""Seconds for which a cluster is looked for that must not stay behind."""

SELDOM = 900.0
"""Seconds between two such looks in the end."""

KIND = "change"
FOLLOW = "follow"
"""Kinds of workflow: the whole, and the rest of it after a person said that it ran."""


Points = Callable[[str], None]
"""Told the name of each point that is passed; the crash tests end the process there."""


def no_points(_name: str) -> None:
    """In production nothing listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """Runs changes. Steps return plain values, so that the engine can keep them."""

    story: Story
    registry: Registry
    acting: Acting
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
        ended = cast("dict[str, Any]", await steps.run("watch", lambda: self.watch(change_id, sent)))
        self.at_point("watched")
        await steps.run("end", lambda: self._end(change_id, ended))
        self.at_point("ended")

    # The first step: look again, then send at most once

    async def act(self, change_id: str) -> Json:
        """What came of it: `outcome`, and where it was sent `made` and whether it has `shown`."""
        record = await self.story.get(change_id)
        if record.state is not State.RUNNING:
            return {"outcome": "over"}
        try:
            return await self._acted(record)
        except StoreError:
            raise
        except Exception:
            log.exception("change failed inside the bot", change=change_id)
            return await self._broken(record)

    async def _broken(self, record: Record) -> Json:
        """A fault of ours must end a change, too: what was not sent is over, what may be is looked for."""
        words = f"Something went wrong inside the bot; its log has the details under {record.id}"
        attempt = await self.story.rows.attempt(record.id)
        if attempt is not None:
            return await self._look(record, attempt, words)
        await self.story.stopped(record, f"{words}.")
        return {"outcome": "stopped"}

    async def _acted(self, record: Record) -> Json:
        attempt = await self.story.rows.attempt(record.id)
        if attempt is not None:
            return await self._look(record, attempt, "the bot was restarted")
        plan = await self._observe_again(record)
        if plan is None:
            return {"outcome": "stopped"}
        return await self._send(record, plan)

    async def _observe_again(self, record: Record) -> Plan | None:
        """The plan as it would be now, if it is still the same; else the change is over or asked anew."""
        self.at_point("before observing")
        try:
            now = await self._second_look().plan(record)
            self.at_point("observed")
            if record.plan.is_still(now):
                return now
            await self.story.replaced(record, now)
        except StoreError:
            raise
        except PgbotError as error:
            await self.story.stopped(record, error.sentence, error.next_step)
        return None

    async def _send(self, record: Record, plan: Plan) -> Json:
        change = self._change(record)
        try:
            attempt = Attempt(armed_at=self.clock.now(), baseline=await self._baseline(plan))
        except CloudError as error:
            await self.story.stopped(record, error.sentence, error.next_step)
            return {"outcome": "stopped"}
        self.at_point("before arming")
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
            return await self._refused(record, attempt, error)
        self.at_point("sent")
        await self.story.sent(record, made, requests=requests)
        self.at_point("sending recorded")
        return {"outcome": "sent", "made": made, "shown": False}

    async def _refused(self, record: Record, attempt: Attempt, error: PgbotError) -> Json:
        """A clear no, ours or the cloud's, is a failure; anything less clear is looked into."""
        fault = error.fault if isinstance(error, CloudError) else None
        if fault is not None and (fault.status or 500) >= 500 and not isinstance(error, Unreachable):
            return await self._look(record, attempt, error.sentence)
        await self.story.failed(record, error.sentence, error.next_step)
        return {"outcome": "failed"}

    # After a lost answer: look, never send

    async def _look(self, record: Record, attempt: Attempt, why: str) -> Json:
        release_stop()
        await self.story.progress(
            record.id, f"The answer was lost ({why.rstrip('.')}); looking for its effect"
        )
        evidence = await self._evidence(record, attempt)
        self.at_point("looked")
        if evidence is None:
            await self.story.unknown(record, why)
            return {"outcome": "unknown"}
        await self.story.sent(record, evidence.made, evidence.words)
        return {"outcome": "sent", "made": evidence.made, "shown": True}

    async def _evidence(self, record: Record, attempt: Attempt) -> Evidence | None:
        change, pause = self._change(record), BETWEEN_LOOKS
        deadline = self.clock.monotonic() + (PATIENCE if record.plan.throwaway else GRACE)
        while True:
            try:
                found = await change.look(record.plan, self.acting, attempt)
            except CloudError as error:
                log.info("could not look", change=record.id, error=error.sentence)
                found = None
            if found is not None or self.clock.monotonic() >= deadline:
                return found
            await self.clock.sleep(pause)
            pause = min(pause * 1.2, SELDOM) if record.plan.throwaway else pause

    # Following

    async def watch(self, change_id: str, sent: Mapping[str, Any]) -> dict[str, Json]:
        """Whether the cluster has come to its end, the last of it in words, and what differs."""
        record = await self.story.get(change_id)
        if record.state is not State.RUNNING:
            return {"reached": True, "over": True}
        plan, made = record.plan, str(sent["made"])
        if not sent.get("shown") and not await self._shows(record):
            return {"unknown": "the cloud has accepted it, and the cluster shows no trace of it"}
        target = plan.subject.model_copy(update={"id": made}) if made else plan.subject
        if not target.id:
            return {"reached": False, "words": "nobody knows the id of what it made"}

        async def seen(cluster: Cluster) -> None:
            self.at_point("seen")
            await self.story.seen(change_id, cluster.state)

        waited = await self._waited(target.as_cluster(), plan, seen)
        return {"reached": waited.reached, "words": waited.words, **self._read_back(plan, waited)}

    async def _shows(self, record: Record) -> bool:
        """Whether the cluster shows the change by now, where it is one that shows."""
        attempt = await self.story.rows.attempt(record.id)
        if not record.plan.ending.leaves_trace or attempt is None:
            return True
        return await self._evidence(record, attempt) is not None

    async def _waited(
        self, cluster: Cluster, plan: Plan, seen: Callable[[Cluster], Awaitable[None]]
    ) -> Waited:
        """Follow to the end. Right after a request the cluster can still be read as it was before, so at
        first it must show a trace of the change; where none comes, what is read back tells."""
        limit = timedelta(seconds=plan.ending.limit)
        wish = Wish(states=frozenset(plan.ending.states), limit=limit, seen=seen)
        traced = replace(wish, before=as_observed(plan), limit=min(limit, timedelta(seconds=GRACE)))
        try:
            if plan.ending.expected and cluster.id == plan.target.id:
                waited = await self.acting.fleet.wait_for(cluster, traced)
                if waited.reached:
                    return waited
            return await self.acting.fleet.wait_for(cluster, wish)
        except CloudError as error:
            return Waited(reached=False, cluster=None, words=f"it could not be followed: {error.sentence}")

    def _read_back(self, plan: Plan, waited: Waited) -> dict[str, Json]:
        """What was to change and did not, in words."""
        if waited.cluster is None or not waited.reached:
            return {"differs": []}
        return {"differs": [*differences(plan.ending.expected, waited.cluster)]}

    async def _end(self, change_id: str, ended: Mapping[str, Any]) -> Json:
        if ended.get("unknown"):
            await self.story.unknown(await self.story.get(change_id), str(ended["unknown"]))
        elif not ended.get("over"):
            differs = [str(each) for each in ended.get("differs", [])]
            await self.story.ended(change_id, ended["reached"], str(ended.get("words", "")), differs)
        return None

    def _second_look(self) -> SecondLook:
        return SecondLook(story=self.story, acting=self.acting, clock=self.clock, replan=self.replan)

    async def _baseline(self, plan: Plan) -> frozenset[str]:
        if not plan.subject.id:
            return frozenset(each.id for each in await self.acting.named(plan.subject))
        return await self.acting.backup_ids(plan.subject.as_cluster())

    def _change(self, record: Record) -> Change:
        command = self.registry.get(tuple(record.plan.command.split()))
        if command is None or command.change is None:
            raise StoreError(f"This release has no command “{record.plan.command}”.", "Run the previous one.")
        return command.change
