"""Progress of a running change: row, thread line and audit entry in one transaction each."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.changes.decision_checks import describe_freeze
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.rows import AlreadyRunning, NotArmed
from bot.changes.store import ChangeRows
from bot.changes.transitions import Transition, change_entry
from bot.domain.approval_requirement import RequirementKind
from bot.domain.attempt import Attempt
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import NoSuchThing, PgbotError, SlackError
from bot.domain.phrases import format_count, join_names, join_some
from bot.domain.plan import Plan
from bot.domain.redaction import redact
from bot.domain.request import ApiRequest
from bot.runtime.clock import Clock

ProposeAgain = Callable[[ChangeRecord, Plan], Awaitable[ChangeRecord]]
"""Proposes a plan in the place of a change whose ground has shifted."""


MEANWHILE = timedelta(days=7)
"""How much earlier a change may have been requested that has run meanwhile."""

MAX_REPLACEMENTS = 5
"""Replacements of one request within `REPLACEMENT_PERIOD`: a value that differs at each look would make them
for ever, and without a person where nothing has to be decided."""

REPLACEMENT_PERIOD = timedelta(hours=1)

MAX_PROGRESS_LINES = 50
"""Lines about a change's progress in its thread: a cluster that goes to and fro would add them for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLog:
    """Records what happens to running changes. `wake` tells the scheduler that cards are out of date."""

    rows: ChangeRows
    clock: Clock
    propose_again: ProposeAgain
    wake: Callable[[], None]
    _lines: Counter[str] = field(default_factory=Counter)
    """Lines of progress by change, as far as this process has written them."""

    async def get_change(self, change_id: str) -> ChangeRecord:
        """Return a change. Raises NoSuchThing."""
        record = await self.rows.get(change_id)
        if record is None:
            raise NoSuchThing(ErrorCode.CHANGE_NOT_FOUND, f"There is no change {change_id}.")
        return record

    async def claim(self, record: ChangeRecord) -> bool:
        """Move approved to running; False when another process was faster, or another change of the cluster
        runs."""

        def decide(now: ChangeRecord) -> Transition | None:
            if now.state is not ChangeState.APPROVED or now.digest != record.digest:
                return None
            step = self._start_transition(now, "running")
            step.fields |= {"state": ChangeState.RUNNING.value, "started_at": step.at}
            step.fields["progress"] = "Checking the cluster again before anything is sent"
            step.tell = ("Started: the cluster is checked again before anything is sent.", ())
            return step

        try:
            after = await self.rows.step(record.id, decide)
        except AlreadyRunning:
            return False
        self.wake()
        return after is not None and after.state is ChangeState.RUNNING

    async def stays_running(self, record: ChangeRecord, until: datetime | None) -> bool:
        """Return whether an unsent change goes on: not if a person stopped it, and not into a change freeze
        that lasts `until`, for which it goes back to the queue."""

        def decide(now: ChangeRecord) -> Transition | None:
            if until is None or not (now.state is ChangeState.RUNNING and now.is_unsent):
                return None
            words = describe_freeze(record, until)
            step = self._start_transition(now, "turn given back", words)
            step.fields |= {"state": ChangeState.APPROVED.value, "started_at": None, "progress": words}
            step.tell = (f"Nothing was sent yet. {words}.", ())
            return step

        after = await self.rows.step(record.id, decide)
        self.wake()
        return after is not None and after.state is ChangeState.RUNNING

    async def hold_for_freeze(self, record: ChangeRecord, until: datetime | None) -> None:
        """Record that an approved change waits for the end of a change freeze, or no longer (None); posted
        once for each end."""
        if hold_for_freeze(record, until, self.clock.now()):
            await self._apply(record.id, lambda now: hold_for_freeze(now, until, self.clock.now()))

    async def record_refused_card(
        self,
        record: ChangeRecord,
        place: str,
        error: SlackError,
        *,
        instead: Sequence[str] = (),
        tells: Iterable[str] = (),
    ) -> None:
        """Record once, however often Slack refuses a card at `place`, that it is posted `instead` in other
        places, and mention people."""
        words = f"This change can't be posted in {place}: {error.sentence} {error.next_step}".strip()
        places = format_count(len(instead), "other place")
        shown = f"{words} It is posted in {places}, where it can be decided." if instead else words
        detail = f"{words} It is posted to {join_names(instead)} instead." if instead else words

        def decide(now: ChangeRecord) -> Transition:
            step = self._start_transition(now, "card refused", detail)
            step.refused_at, step.cards, step.tell = place, tuple(instead), (shown, tuple(tells))
            return step

        await self._apply(record.id, decide)

    async def require_proven(self, record: ChangeRecord) -> None:
        """Compare a change with its audit rows. Raises UnprovenChange, which stops it, and LogInDoubt."""
        await self.rows.require_proven(record.id, self.clock.now())

    async def arm(
        self,
        record: ChangeRecord,
        attempt: Attempt,
        is_lapsed: Callable[[ChangeRecord], object] = lambda _record: False,
        may_send: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Record the one attempt with its audit row; False when there is one, the change is over, its
        decisions are too old, it is no longer decided as `record`, from which the request is made, or this
        bot may not send any more. Raises as `require_proven`."""

        is_armed = False

        def decide(now: ChangeRecord) -> Transition | None:
            nonlocal is_armed
            is_over = now.state is not ChangeState.RUNNING or not _is_decided_alike(now, record)
            if is_over or is_lapsed(now) or not may_send():
                return None
            step = self._start_transition(now, "intended", kind="intent")
            step.fields["progress"] = "Sending it"
            step.attempt = attempt
            is_armed = True
            return step

        try:
            after = await self.rows.step(record.id, decide)
        except NotArmed:
            return False
        return is_armed and after is not None

    async def record_sent(
        self, record: ChangeRecord, made: str, evidence: str = "", requests: Sequence[ApiRequest] = ()
    ) -> None:
        """Record that the cloud has accepted it, or shows that it has."""
        words = f"It was carried out: {evidence}" if evidence else "IONOS accepted the request"

        def decide(now: ChangeRecord) -> Transition:
            step = self._start_transition(now, "accepted", words, requests=requests)
            step.fields |= {"progress": words, "made": made}
            step.accepted = True
            step.tell = (f"{words}.", ())
            return step

        await self._apply(record.id, decide)

    async def record_answer(
        self, record: ChangeRecord, outcome: str, error: PgbotError, requests: Sequence[ApiRequest]
    ) -> None:
        """Record the cloud's answer other than acceptance, with its requests, in the audit log alone."""

        def decide(now: ChangeRecord) -> Transition:
            return self._start_transition(now, outcome, str(error), requests=requests)

        await self._apply(record.id, decide)

    async def record_step(
        self,
        record: ChangeRecord,
        outcome: str,
        words: str,
        requests: Sequence[ApiRequest] = (),
        kind: str = "change",
    ) -> ChangeRecord | None:
        """Record a further step of a running change: audit entry, progress and thread line.

        Returns the change as it is then. Raises as `require_proven` for an intent.
        """

        def decide(now: ChangeRecord) -> Transition | None:
            if now.state is not ChangeState.RUNNING:
                return None
            step = self._start_transition(now, outcome, words, kind=kind, requests=requests)
            step.fields["progress"] = words
            step.tell = (f"{words}.", ())
            return step

        return await self._apply(record.id, decide)

    async def record_wait(self, change_id: str, error: PgbotError) -> None:
        """Record what the change waits for before it is sent."""
        await self.record_progress(change_id, f"Nothing was sent yet: {error.sentence.rstrip('.')}")

    async def record_progress(self, change_id: str, words: str) -> None:
        """Record what the change is doing; not worth an audit entry, and in the thread only so often."""

        def decide(now: ChangeRecord) -> Transition | None:
            if now.progress == words or now.state is not ChangeState.RUNNING:
                return None
            self._lines[change_id] += 1
            line = f"{words}."
            if self._lines[change_id] == MAX_PROGRESS_LINES:
                line = f"{line} From here on, progress is shown on the card only."
            tell = None if self._lines[change_id] > MAX_PROGRESS_LINES else (line, ())
            return Transition(at=self.clock.now(), fields={"progress": words}, tell=tell)

        await self._apply(change_id, decide)

    async def stop(self, record: ChangeRecord, sentence: str, step: str = "") -> None:
        """Fail a change that could not be planned again or may no longer run: nothing was sent."""
        await self._end_change(record.id, ChangeState.FAILED, f"Nothing was sent: {sentence} {step}".strip())

    async def fail(self, record: ChangeRecord, sentence: str, step: str = "") -> None:
        await self._end_change(record.id, ChangeState.FAILED, f"{sentence} {step}".strip())

    async def supersede(self, record: ChangeRecord, plan: Plan, why: str = "") -> None:
        """End a change whose plan is outdated, or for another reason: nothing runs, and a new change starts
        over with its approvals; none after `MAX_REPLACEMENTS`."""
        why = why or join_some(record.plan.differences(plan)) + await self._find_meanwhile(record)
        if await self._count_replacements(record) >= MAX_REPLACEMENTS:
            limit = f"This request was superseded {MAX_REPLACEMENTS} times within an hour"
            await self.stop(record, f"{why}. {limit}.", "Request it again once that is stable.")
            return
        new = await self.propose_again(record, plan)
        decision = " and needs a new decision" * (new.state is ChangeState.PROPOSED)
        words = f"Nothing was sent, because {why}. {new.id} supersedes it{decision}"
        # The request for approvals of the new one mentions its approvers, and with them those who voted.
        is_asked_anew = new.state is ChangeState.PROPOSED and new.need.kind is RequirementKind.APPROVAL
        voters = () if is_asked_anew else tuple(each.voter for each in record.votes)
        await self._end_change(record.id, ChangeState.REPLACED, words, voters)

    async def _count_replacements(self, record: ChangeRecord) -> int:
        """Return how often this request was replaced lately."""
        count, since, each = 0, self.clock.now() - REPLACEMENT_PERIOD, record
        while each.replaces and each.proposed_at > since:
            count, each = count + 1, await self.get_change(each.replaces)
        return count

    async def _find_meanwhile(self, record: ChangeRecord) -> str:
        """Return in words the change that has run on the cluster since this one was requested, if any."""
        for each in await self.rows.latest(since=record.proposed_at - MEANWHILE):
            same = each.plan.occupies == record.plan.occupies != "" and each.id != record.id
            if same and each.started_at and each.started_at >= record.proposed_at:
                return f" ({each.id} has run since: {each.plan.action})"
        return ""

    async def mark_unknown(self, record: ChangeRecord, why: str, what: str = "whether it happened") -> None:
        """Record that nobody can tell whether it happened, or how it ended, and ask the requester."""
        words = f"It is unknown {what} ({why.rstrip('.')}). Check the cluster, then say whether it ran"
        await self._end_change(record.id, ChangeState.UNKNOWN, words)

    async def end(self, change_id: str, reached: bool, words: str, differs: Sequence[str]) -> None:  # noqa: FBT001
        """Record how the cluster ended up, and whether it is as planned."""
        if not reached:
            await self._end_change(change_id, ChangeState.FAILED, f"It was accepted, and then {words}")
        elif differs:
            await self._end_change(
                change_id, ChangeState.NOT_IN_EFFECT, f"It was accepted, but {'; '.join(differs)}"
            )
        else:
            await self._end_change(change_id, ChangeState.DONE, f"Done: {words}" if words else "Done")

    async def _end_change(
        self, change_id: str, state: ChangeState, words: str, tells: Iterable[str] = ()
    ) -> None:
        """Move a running change to its last state, or to UNKNOWN, which a person ends."""

        def decide(now: ChangeRecord) -> Transition | None:
            if now.state is not ChangeState.RUNNING:
                return None
            step = self._start_transition(now, state.value, words)
            step.fields |= {"state": state.value, "progress": "", "result": words.rstrip(".")}
            if state is not ChangeState.UNKNOWN:
                step.fields["ended_at"] = step.at
            step.tell = (f"{words.rstrip('.')}.", tuple(dict.fromkeys((now.requester.id, *tells))))
            return step

        await self._apply(change_id, decide)

    async def _apply(
        self, change_id: str, decide: Callable[[ChangeRecord], Transition | None]
    ) -> ChangeRecord | None:
        after = await self.rows.step(change_id, decide)
        self.wake()
        return after

    def _start_transition(
        self,
        record: ChangeRecord,
        outcome: str,
        detail: str = "",
        kind: str = "change",
        requests: Sequence[ApiRequest] = (),
    ) -> Transition:
        at = self.clock.now()
        entry = replace(
            change_entry(record, at, kind, outcome, detail),
            requests=tuple(replace(each, url=redact(each.url)) for each in requests),
            clusters=frozenset({record.plan.target.id, record.made} - {""}),
        )
        return Transition(at=at, entry=entry)


def _is_decided_alike(now: ChangeRecord, record: ChangeRecord) -> bool:
    """Return whether only what is shown of a change has moved since it was read."""
    return replace(now, version=record.version, progress=record.progress) == record


def hold_for_freeze(record: ChangeRecord, until: datetime | None, at: datetime) -> Transition | None:
    """Record that an approved change waits for the end of a change freeze, or no longer (None); posted once
    for each end."""
    words = describe_freeze(record, until) if until is not None else ""
    if record.state is not ChangeState.APPROVED or record.progress == words:
        return None
    return Transition(at=at, fields={"progress": words}, tell=(f"{words}.", ()) if words else None)
