"""Proposals and decisions: the part of changes that commands use."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from bot.access.policy import Policy
from bot.audit.records import AuditEntry
from bot.changes import transitions
from bot.changes.card import describe_course, render_proposal
from bot.changes.decision_checks import Approver, DecisionAges, StepUpCodes, find_allowed_age
from bot.changes.former_name_store import FormerNameRows
from bot.changes.notices import ApproverNames, PeopleDirectory
from bot.changes.record import ChangeRecord, ChangeState, DecisionKind, Requester
from bot.changes.rows import NotReviewed, TooManyOpen
from bot.changes.run_log import hold_for_freeze
from bot.changes.store import ChangeRows
from bot.changes.transitions import ThreadLine, Transition, change_entry
from bot.domain.approval_requirement import ApprovalRequirement, RequirementKind
from bot.domain.errors import BadArgument, Denied, InputError, LimitReached, UnprovenChange
from bot.domain.phrases import format_count, join_names
from bot.domain.plan import Harm, Plan
from bot.domain.quorum import RoleNames
from bot.domain.reply import Reply
from bot.domain.request import Invocation, Origin
from bot.domain.times import in_both
from bot.runtime.checked_clock import TOLERANCE
from bot.runtime.clock import Clock
from bot.runtime.health_page import Health

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Characters of ids: no two that are mistaken for each other when read out."""

ID_LENGTH = 6

LOOK_SECONDS = 1.0
"""Seconds between two looks at a change that a program waits for."""

Decide = Callable[[ChangeRecord, Approver], Transition]


@dataclass(frozen=True, slots=True)
class ChangeService:
    """Proposes and decides changes. `wake` tells the scheduler that there is work; nobody has more than
    `most_open` open changes."""

    rows: ChangeRows
    policy: Policy
    names: FormerNameRows
    codes: StepUpCodes
    ages: DecisionAges
    clock: Clock
    wake: Callable[[], None] = lambda: None
    most_open: int | None = None
    directory: PeopleDirectory | None = None
    joining: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from looking for an open change to requesting one, so that two equal lines request one."""

    async def propose(self, plan: Plan, invocation: Invocation, reason: str) -> Reply:
        """Keep a planned change and say what it needs. Raises BadArgument, Denied or StoreError."""
        record = await self._hold_for_freeze(await self.add_change(plan, invocation, reason))
        self.wake()
        return render_proposal(record, invocation.line, await self.name_approvers(record))

    async def add_change(
        self, plan: Plan, invocation: Invocation, reason: str, replaces: str = ""
    ) -> ChangeRecord:
        """Store the new change and return it: pending, or approved already where nothing is needed.

        One that supersedes another needs all that the other one needed, and at least a confirmation where the
        decisions about that one were too old.
        """
        if not invocation.actor.member:
            raise Denied(
                "Changes need a person, and no Slack person is known for this user.",
                "Add the user to terminal.people in app.yaml.",
            )
        need = await self.find_requirement(plan)
        check_reason(need, reason)
        before = await self.rows.get(replaces) if replaces else None
        if before:
            lapsed = await self.describe_lapse(before, plan)
            least = RequirementKind.CONFIRM if lapsed else RequirementKind.NONE
            need = before.need.union(need).at_least(least)
        record = replace(self._record(plan, invocation, need), reason=reason.strip(), replaces=replaces)
        if invocation.actor.origin is Origin.SCHEDULE:
            record = replace(record, id=change_id_for(invocation.key))
        entry = self._plan_entry(record, invocation)
        # What takes the place of another change adds none.
        most = None if replaces else self.most_open
        try:
            await self.rows.add(
                record,
                entry,
                requested=_further_cards(record),
                tell=self._approval_request(record),
                most=most,
            )
        except TooManyOpen as error:
            raise _limit_error(self.most_open or 0, error, invocation) from None
        self.ages.note(record.id)
        return record

    def _approval_request(self, record: ChangeRecord) -> ThreadLine | None:
        """Return the thread line that mentions those who can approve: a card is filled by an edit, which
        notifies nobody."""
        if record.need.kind is not RequirementKind.APPROVAL:
            return None
        asks = f"{record.requester.name} asks for {record.need.words()}."
        return asks, find_approvers(self.policy, record)

    async def name_approvers(self, record: ChangeRecord) -> RoleNames:
        """Return the names of those who can still approve a change, by role, as far as Slack tells them."""
        return await ApproverNames(self.policy, self.directory).find(record)

    async def decide(
        self, record: ChangeRecord, invocation: Invocation, act: Decide, code: str = ""
    ) -> ChangeRecord:
        """Let one person do one thing to a change, in a transaction. Raises what `act` raises, and CodeNeeded
        where it counts only with a code."""
        voter = self.approver_for(record, invocation)
        has_code = _asks_code(record, act(record, voter))
        if has_code:
            self.codes.take(record, voter.id, code)
        try:
            after = await self.rows.step(record.id, lambda now: replace(act(now, voter), with_code=has_code))
        except NotReviewed as error:
            raise InputError(
                f"You used break-glass for {error.change_id}, which nobody has reviewed yet.",
                f"Ask somebody who could have approved it to run “change review {error.change_id}” first.",
            ) from None
        self.ages.note(record.id, voter.id)
        after = await self._hold_for_freeze(after or record)
        self.wake()
        return after

    async def _hold_for_freeze(self, record: ChangeRecord) -> ChangeRecord:
        """Return the change, which says at once where a change freeze holds it."""
        if record.state is not ChangeState.APPROVED:
            return record
        until = (await self.find_frozen(record)).get(record.id)
        if until is None:
            return record
        hold = partial(hold_for_freeze, until=until, at=self.clock.now())
        return await self.rows.step(record.id, hold) or record

    def approver_for(self, record: ChangeRecord, invocation: Invocation) -> Approver:
        """Return the person of an invocation as an approver, with the roles that count for this change's
        cluster."""
        actor = invocation.actor
        return Approver(
            id=actor.member,
            name=actor.name or actor.member,
            team=actor.team,
            actor=str(actor),
            roles=self.policy.roles_in(actor, record.plan, record.need),
            channel=invocation.channel,
            trace=invocation.trace,
            policy=self.policy.version,
            at=self.clock.now(),
            is_unsure=self.policy.is_unsure(actor, record.plan, record.need),
        )

    async def find_requirement(self, plan: Plan) -> ApprovalRequirement:
        """Return what a plan needs by today's policy, under former names of its clusters as well."""
        return self.policy.need(plan, await self.names.find_former(plan))

    async def find_frozen(self, *records: ChangeRecord) -> dict[str, datetime]:
        """Return until when a change freeze holds these changes, by id, by the requirement that each was
        decided under or by today's policy. Those that no freeze holds, and break-glass, are left out."""
        now, former = self.clock.now(), await self.names.find_former(*(each.plan for each in records))
        found = {}
        for record in records:
            need = record.need.union(self.policy.need(record.plan, former))
            if not record.skipped and (end := need.frozen_until(now)):
                found[record.id] = end
        return found

    async def describe_stricter_policy(self, record: ChangeRecord, plan: Plan) -> str:
        """Say what today's policy asks for beyond what has been decided; empty for nothing.

        Break-glass has been past that question.
        """
        both = record.need.union(await self.find_requirement(plan))
        asks_code = both.step_up and record.plan.harm is Harm.DESTRUCTIVE
        is_met = both.kind is record.need.kind and not record.missing_roles(both)
        is_met = is_met and asks_code <= record.asks_code
        with_code = ", with a code" if asks_code else ""
        return "" if record.skipped or is_met else f"app.yaml now requires more: {both.words()}{with_code}"

    async def describe_lapse(self, record: ChangeRecord, plan: Plan) -> str:
        """Say why the decisions about a change are too old for this plan to be sent now; empty where they are
        not."""
        return (await self.find_lapse(record, plan))(record)

    async def find_lapse(self, record: ChangeRecord, plan: Plan) -> Callable[[ChangeRecord], str]:
        """Return the same as a function, which can be asked inside a transaction.

        The limits are those of the requirement that it was decided under and of today's policy.
        """
        needs = (record.need, await self.find_requirement(plan))
        allowed = min(find_allowed_age(record, need, plan) for need in needs)
        return partial(self.ages.describe_lapse, allowed=allowed)

    async def expire_due(self) -> None:
        """End what nobody decided in time; nothing while the clock is in doubt."""
        if self.clock.doubt is not None:
            return
        now = self.clock.now()
        for record in await self.rows.due(now):
            await self.rows.step(record.id, lambda each: transitions.expire(each, now, self.policy.version))

    async def repair(self, now: datetime) -> str:
        """Repair the changes whose times are ahead of `now`, which is right; say which, empty for none."""
        repaired = []
        for record in await self.rows.find_ahead(now + timedelta(seconds=TOLERANCE)):
            mend = partial(transitions.mend_expiry, now=now, approvers=find_approvers(self.policy, record))
            with suppress(UnprovenChange):  # it is stopped, and people are told
                after = await self.rows.step(record.id, mend)
                repaired += [record.id] if after is not None and after.version > record.version else []
        return f"Reopened with the right time: {join_names(repaired)}." if repaired else ""

    async def follow_to_end(
        self, record: ChangeRecord, tell: Callable[[str], Awaitable[None]], limit: timedelta | None = None
    ) -> ChangeRecord:
        """Return the change when it is over or needs a person to settle it, else as it is after `limit`.

        Where another change takes its place, that one is followed. `tell` receives each new state in words.
        """
        until, said = None if limit is None else self.clock.now() + limit, ""
        while True:
            words = f"{record.id}: {describe_course(record)}"
            if words != said:
                await tell(words)
                said = words
            is_replaced = record.state is ChangeState.REPLACED
            after = await self.rows.replacing(record.id) if is_replaced else None
            if after is None:
                is_late = until is not None and self.clock.now() >= until
                if not record.is_open or record.state is ChangeState.UNKNOWN or is_late:
                    return record
                await self.clock.sleep(LOOK_SECONDS)
            record = after or await self.rows.get(record.id) or record

    async def check(self) -> Health:
        """Read the open changes for `/readyz`; count those that wait for their turn, and those that
        nothing but a person can end."""
        stuck = await self.rows.find_stuck(self.clock.now())
        waiting = await self.rows.in_states([ChangeState.APPROVED])
        return Health(figures={"stuck_changes": len(stuck), "queued_changes": len(waiting)})

    def _record(self, plan: Plan, invocation: Invocation, need: ApprovalRequirement) -> ChangeRecord:
        now, actor = self.clock.now(), invocation.actor
        return ChangeRecord(
            id=new_change_id(),
            state=ChangeState.APPROVED if need.kind is RequirementKind.NONE else ChangeState.PROPOSED,
            version=1,
            proposed_at=now,
            expires_at=now + need.expires,
            requester=Requester(
                id=actor.member,
                name=actor.name or actor.member,
                team=actor.team,
                origin=actor.origin.value,
                channel=invocation.channel,
                time_zone=actor.time_zone,
            ),
            plan=plan,
            digest=plan.digest(),
            need=need,
            policy=self.policy.version,
        )

    def _plan_entry(self, record: ChangeRecord, invocation: Invocation) -> AuditEntry:
        return replace(
            change_entry(record, record.proposed_at, "plan", record.state.value, record.reason),
            trace=invocation.trace,
            actor=str(invocation.actor),
            channel=invocation.channel,
            rule=f"{record.need.rule}: needs {record.need.audit_words()}",
            roles=" ".join(sorted(self.policy.roles(invocation.actor))),
        )


def _limit_error(most: int, reached: TooManyOpen, invocation: Invocation) -> LimitReached:
    until = "when one of these has ended"
    if reached.next_at is not None:
        until = f"at {in_both(reached.next_at, invocation.actor.time_zone)}, when {reached.next_id} expires"
    return LimitReached(
        f"You have {format_count(most, 'open change')}, which is the limit for one person.",
        f"Withdraw one (“change list mine” shows them), or try again {until}.",
    )


def find_approvers(policy: Policy, record: ChangeRecord) -> tuple[str, ...]:
    """Return the people and user groups who can approve a change, never its requester."""
    found = policy.members(record.need.roles, policy.answered_for(record.plan))
    return tuple(each for each in found if each != record.requester.id)


def _asks_code(record: ChangeRecord, step: Transition) -> bool:
    """Return whether this step brings a change closer to running, and needs a code for that."""
    return record.asks_code and step.vote is not None and step.vote.word is not DecisionKind.DENY


def check_reason(need: ApprovalRequirement, reason: str) -> None:
    """Raise BadArgument where a reason is required and none is given."""
    rule = next((each.rule for each in need.conditions if each.reason), "")
    if rule and not reason.strip():
        raise BadArgument(f"A reason is required ({rule}).", "Add --reason and say why.")


def _further_cards(record: ChangeRecord) -> tuple[str, ...]:
    """Return the places of further cards. A scheduled change answers nobody: it shows in its report's
    channel, and to its owner where a decision is needed."""
    who = record.requester
    if who.origin != Origin.SCHEDULE:
        return ()
    return (who.channel, *(() if record.need.kind is RequirementKind.NONE else (who.id,)))


def change_id_for(key: str) -> str:
    """Return the id of the change requested under a key: the same each time, so that it is stored once.

    It is longer than other ids, since only its length keeps it apart from those of other keys.
    """
    number = int.from_bytes(sha256(key.encode()).digest())
    return "c-" + "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(10))


def new_change_id() -> str:
    """Return a new id: short enough to say, one of 887 million."""
    return "c-" + "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
