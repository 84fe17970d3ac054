"""What happens to a running change, told once: rows, milestones and audit in one transaction each."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.audit.records import AuditEntry
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.rows import AlreadyArmed, AlreadyRunning
from bot.changes.store import ChangeRows
from bot.changes.transition import Transition
from bot.domain.attempt import Attempt
from bot.domain.errors import NoSuchThing, PgbotError, SlackError
from bot.domain.phrases import few
from bot.domain.plan import Plan
from bot.domain.redaction import redact
from bot.domain.request import ApiRequest
from bot.domain.times import in_both
from bot.runtime.clock import Clock

Anew = Callable[[ChangeRecord, Plan], Awaitable[ChangeRecord]]
"""Proposes a plan in the place of a change whose ground has shifted."""


SOONER = timedelta(days=7)
"""How much earlier a change may have been asked for that has run meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLog:
    """Writes the life of running changes. `wake` tells the conductor that cards have grown old."""

    rows: ChangeRows
    clock: Clock
    propose_anew: Anew
    wake: Callable[[], None]

    async def get(self, change_id: str) -> ChangeRecord:
        """Raises NoSuchThing."""
        record = await self.rows.get(change_id)
        if record is None:
            raise NoSuchThing(f"There is no change {change_id}.")
        return record

    async def claimed(self, record: ChangeRecord) -> bool:
        """Approved becomes running; False when somebody was faster, or another change of the cluster runs."""

        def judge(now: ChangeRecord) -> Transition | None:
            if now.state is not ChangeState.APPROVED or now.digest != record.digest:
                return None
            step = self._step(now, "running")
            step.fields |= {"state": ChangeState.RUNNING.value, "started_at": step.at}
            step.fields["progress"] = "Looking at the cluster again before anything is sent"
            step.tell = ("Its turn has come: the cluster is looked at again before anything is sent.", ())
            return step

        try:
            after = await self.rows.step(record.id, judge)
        except AlreadyRunning:
            return False
        self.wake()
        return after is not None and after.state is ChangeState.RUNNING

    async def keeps_turn(self, record: ChangeRecord, until: datetime | None) -> bool:
        """Whether a change that is not sent yet runs on: not when somebody has stopped it, and not into a
        freeze that has begun and lasts `until`, for which it gives its turn back."""

        def judge(now: ChangeRecord) -> Transition | None:
            if until is None or not (now.state is ChangeState.RUNNING and now.is_unsent):
                return None
            words = _frozen(record, until)
            step = self._step(now, "turn given back", words)
            step.fields |= {"state": ChangeState.APPROVED.value, "started_at": None, "progress": words}
            step.tell = (f"Nothing was sent yet. {words}.", ())
            return step

        after = await self.rows.step(record.id, judge)
        self.wake()
        return after is not None and after.state is ChangeState.RUNNING

    async def held(self, record: ChangeRecord, until: datetime | None) -> None:
        """An approved change waits for the end of a freeze, or no longer (None); said once for each end."""
        words = _frozen(record, until) if until is not None else ""

        def judge(now: ChangeRecord) -> Transition | None:
            if now.state is not ChangeState.APPROVED or now.progress == words:
                return None
            told = (f"{words}.", ()) if words else None
            return Transition(at=self.clock.now(), fields={"progress": words}, tell=told)

        if record.progress != words:
            await self._do(record.id, judge)

    async def refused(self, record: ChangeRecord, place: str, error: SlackError) -> None:
        """Slack refuses a card at `place`: the requester is told once, however often it does."""

        def judge(_now: ChangeRecord) -> Transition:
            words = f"Slack takes no card of this change in {place}: {error.sentence} {error.next_step}"
            tell = (words.strip(), (record.requester.id,))
            return Transition(at=self.clock.now(), refused_at=place, tell=tell)

        await self._do(record.id, judge)

    async def armed(self, record: ChangeRecord, attempt: Attempt) -> bool:
        """Record the one attempt with its audit row; False when there is one, or the change is over."""

        def judge(now: ChangeRecord) -> Transition | None:
            if now.state is not ChangeState.RUNNING:
                return None
            step = self._step(now, "intended", kind="intent")
            step.fields["progress"] = "Sending it"
            step.attempt = attempt
            return step

        try:
            after = await self.rows.step(record.id, judge)
        except AlreadyArmed:
            return False
        return after is not None and after.state is ChangeState.RUNNING

    async def sent(
        self, record: ChangeRecord, made: str, evidence: str = "", requests: Sequence[ApiRequest] = ()
    ) -> None:
        """The cloud has taken it, or shows that it has."""
        words = f"It was carried out: {evidence}" if evidence else "The cloud has accepted it"

        def judge(now: ChangeRecord) -> Transition:
            step = self._step(now, "accepted", words, requests=requests)
            step.fields |= {"progress": words, "made": made}
            step.accepted = True
            step.tell = (f"{words}.", ())
            return step

        await self._do(record.id, judge)

    async def answered(
        self, record: ChangeRecord, outcome: str, error: PgbotError, requests: Sequence[ApiRequest]
    ) -> None:
        """What the cloud said instead of yes, with its requests: an audit row, and nothing else."""

        def judge(now: ChangeRecord) -> Transition:
            return self._step(now, outcome, str(error), requests=requests)

        await self._do(record.id, judge)

    async def noted(
        self,
        record: ChangeRecord,
        outcome: str,
        words: str,
        requests: Sequence[ApiRequest] = (),
        kind: str = "change",
    ) -> None:
        """A further step of a running change: an audit row, its progress, and a line of its story."""

        def judge(now: ChangeRecord) -> Transition | None:
            if now.state is not ChangeState.RUNNING:
                return None
            step = self._step(now, outcome, words, kind=kind, requests=requests)
            step.fields["progress"] = words
            step.tell = (f"{words}.", ())
            return step

        await self._do(record.id, judge)

    async def seen(self, change_id: str, state: str) -> None:
        """How the cluster looks while it is followed; said when it changes."""
        await self.progress(change_id, f"The cluster is {state}")

    async def progress(self, change_id: str, words: str) -> None:
        """What it is doing; not worth an audit row."""

        def judge(now: ChangeRecord) -> Transition | None:
            if now.progress == words or now.state is not ChangeState.RUNNING:
                return None
            return Transition(at=self.clock.now(), fields={"progress": words}, tell=(f"{words}.", ()))

        await self._do(change_id, judge)

    async def stopped(self, record: ChangeRecord, sentence: str, step: str = "") -> None:
        """It could not be looked at again, or may not be any more: nothing was sent."""
        await self._over(record.id, ChangeState.FAILED, f"Nothing was sent: {sentence} {step}".strip())

    async def failed(self, record: ChangeRecord, sentence: str, step: str = "") -> None:
        """The cloud said no."""
        await self._over(record.id, ChangeState.FAILED, f"{sentence} {step}".strip())

    async def replaced(self, record: ChangeRecord, plan: Plan, asks_more: str = "") -> None:
        """What it rested on has changed, or the rules ask for more: nothing runs, that is shown, approval
        starts anew."""
        why = asks_more or few(record.plan.differences(plan)) + await self._ours(record)
        new = await self.propose_anew(record, plan)
        words = f"Nothing was sent, because {why}. {new.id} takes its place and needs a decision"
        await self._over(record.id, ChangeState.REPLACED, words)

    async def _ours(self, record: ChangeRecord) -> str:
        """The change of ours that has run on the cluster since this one was asked for, if any, in words."""
        for each in await self.rows.latest(since=record.proposed_at - SOONER):
            same = each.plan.occupies == record.plan.occupies != "" and each.id != record.id
            if same and each.started_at and each.started_at >= record.proposed_at:
                return f" ({each.id} has run meanwhile: {each.plan.action})"
        return ""

    async def unknown(self, record: ChangeRecord, why: str, what: str = "whether it happened") -> None:
        """Sent, and nobody can tell whether it happened, or how it ended. The requester is asked."""
        words = f"Nobody can tell {what} ({why.rstrip('.')}). Look at the cluster, then say whether it ran"

        def judge(now: ChangeRecord) -> Transition | None:
            if now.state is not ChangeState.RUNNING:
                return None
            step = self._step(now, "unknown", words)
            step.fields |= {"state": ChangeState.UNKNOWN.value, "progress": "", "result": words}
            step.tell = (f"{words}.", (now.requester.id,))
            return step

        await self._do(record.id, judge)

    async def ended(self, change_id: str, reached: bool, words: str, differs: Sequence[str]) -> None:  # noqa: FBT001
        """What the cluster came to, and whether it is what was wanted."""
        if not reached:
            await self._over(change_id, ChangeState.FAILED, f"It was accepted, and then {words}")
        elif differs:
            await self._over(
                change_id, ChangeState.NOT_IN_EFFECT, f"It was accepted, but {'; '.join(differs)}"
            )
        else:
            await self._over(change_id, ChangeState.DONE, f"Done: {words}" if words else "Done")

    async def _over(self, change_id: str, state: ChangeState, words: str) -> None:
        def judge(now: ChangeRecord) -> Transition | None:
            if now.state is not ChangeState.RUNNING:
                return None
            step = self._step(now, state.value, words)
            step.fields |= {"state": state.value, "progress": "", "ended_at": step.at}
            step.fields["result"] = words.rstrip(".")
            step.tell = (f"{words.rstrip('.')}.", (now.requester.id,))
            return step

        await self._do(change_id, judge)

    async def _do(self, change_id: str, judge: Callable[[ChangeRecord], Transition | None]) -> None:
        await self.rows.step(change_id, judge)
        self.wake()

    def _step(
        self,
        record: ChangeRecord,
        outcome: str,
        detail: str = "",
        kind: str = "change",
        requests: Sequence[ApiRequest] = (),
    ) -> Transition:
        at = self.clock.now()
        entry = AuditEntry(
            at=at,
            kind=kind,
            trace=record.id,
            team=record.requester.team,
            actor=record.requester.actor,
            channel=record.requester.channel,
            command=record.plan.command,
            text=record.plan.action,
            outcome=outcome,
            detail=detail,
            change=record.id,
            digest=record.digest,
            policy=record.policy,
            rule=record.need.rule,
            requests=tuple(replace(each, url=redact(each.url)) for each in requests),
            clusters=frozenset({record.plan.target.id, record.made} - {""}),
        )
        return Transition(at=at, entry=entry)


def _frozen(record: ChangeRecord, until: datetime) -> str:
    return f"Waits for the end of the freeze on {in_both(until, record.requester.time_zone)}"
