"""Where changes are asked for and decided: one for each invocation, so that it knows who speaks."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from bot.access.policy import Policy
from bot.audit.records import AuditEntry
from bot.changes import transitions
from bot.changes.card import proposal
from bot.changes.guards import Approver
from bot.changes.record import ChangeRecord, ChangeState, Requester
from bot.changes.rows import NotReviewed
from bot.changes.store import ChangeRows
from bot.changes.transition import Tell, Transition
from bot.domain.approval_requirement import ApprovalRequirement, RequirementKind, heavier
from bot.domain.errors import BadArgument, Denied, InputError, NoSuchThing
from bot.domain.phrases import shown
from bot.domain.plan import Plan
from bot.domain.reply import Reply
from bot.domain.request import Invocation, Origin
from bot.runtime.clock import Clock

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Of ids: no two that are mistaken for each other when read out."""

LENGTH = 6

Act = Callable[[ChangeRecord, Approver], Transition]


@dataclass(frozen=True, slots=True)
class ChangeService:
    """Everything about changes that commands need. `wake` tells the conductor that there is work."""

    rows: ChangeRows
    policy: Policy
    clock: Clock
    wake: Callable[[], None] = lambda: None

    async def propose(self, plan: Plan, invocation: Invocation, reason: str) -> Reply:
        """Keep a planned change and say what it needs. Raises BadArgument, Denied or StoreError."""
        record = await self.keep(plan, invocation, reason)
        self.wake()
        return proposal(record, invocation.line)

    async def keep(self, plan: Plan, invocation: Invocation, reason: str, replaces: str = "") -> ChangeRecord:
        """The new change as it is kept: proposed, or approved already where nothing is needed.

        One that takes the place of another never needs less than that one.
        """
        if not invocation.actor.member:
            raise Denied(
                "Changes are made by people, and nobody in Slack is known for this user.",
                "terminal.people in app.yaml says who it is.",
            )
        need = self.policy.need(plan)
        check_reason(need, reason)
        before = await self.rows.get(replaces) if replaces else None
        need = heavier(before.need, need) if before else need
        record = self._record(plan, invocation, need)
        record = replace(record, reason=reason.strip(), replaces=replaces)
        if invocation.actor.origin is Origin.SCHEDULE:
            record = replace(record, id=id_of(invocation.key))
        entry = self._planned(record, invocation)
        await self.rows.add(record, entry, wanted=_cards_of(record), tell=self._call(record))
        return record

    def deciders(self, record: ChangeRecord) -> tuple[str, ...]:
        """Whom to tell that their approval is asked for, or was not waited for; never the requester."""
        found = self.policy.members(record.need.roles, self.policy.answered_for(record.plan))
        return tuple(each for each in found if each != record.requester.id)

    def _call(self, record: ChangeRecord) -> Tell | None:
        """The line that tells those who can approve: a card is filled by an edit, which notifies nobody."""
        if record.need.kind is not RequirementKind.APPROVAL:
            return None
        return f"{record.requester.name} asks for {record.need.words()}.", self.deciders(record)

    async def find(self, change_id: str) -> ChangeRecord:
        """A change by id, whoever asks. Raises NoSuchThing."""
        wanted = change_id.strip().casefold()
        record = await self.rows.get(wanted)
        if record is None:
            raise NoSuchThing(
                f"There is no change {shown(change_id)}.", "“change list” shows those there are."
            )
        return record

    async def decide(self, change_id: str, invocation: Invocation, act: Act) -> ChangeRecord:
        """Let one person do one thing to a change, in a transaction. Raises what `act` raises."""
        record = await self.find(change_id)
        voter = self.voter(record, invocation)
        try:
            after = await self.rows.step(record.id, lambda now: act(now, voter))
        except NotReviewed as error:
            raise InputError(
                f"You went ahead without approval in {error.change_id}, which nobody has reviewed yet.",
                f"Somebody who could have approved it does so with “change review {error.change_id}”.",
            ) from None
        self.wake()
        return after or record

    def voter(self, record: ChangeRecord, invocation: Invocation) -> Approver:
        """The person of an invocation, with the roles that count for this change's cluster."""
        actor, cluster = invocation.actor, self.policy.answered_for(record.plan)
        return Approver(
            id=actor.member,
            name=actor.name or actor.member,
            team=actor.team,
            actor=str(actor),
            roles=self.policy.roles_for(actor, cluster),
            channel=invocation.channel,
            trace=invocation.trace,
            policy=self.policy.version,
            at=self.clock.now(),
            is_unsure=self.policy.is_unsure(actor, cluster),
        )

    def frozen_until(self, record: ChangeRecord) -> datetime | None:
        """Until when nothing of it is sent, by the rule that it was decided under or by today's; None for no
        freeze, and for what goes ahead without approval."""
        if record.skipped:
            return None
        now, needs = self.clock.now(), (record.need, self.policy.need(record.plan))
        return max((end for each in needs if (end := each.frozen_until(now))), default=None)

    def asks_more(self, record: ChangeRecord, plan: Plan) -> str:
        """What today's rules ask for of a change beyond what was decided under, in words; empty for nothing.

        What went ahead without approval has been past that question.
        """
        if record.skipped or record.policy == self.policy.version:
            return ""
        both = heavier(record.need, self.policy.need(plan))
        same = (both.kind, both.roles) == (record.need.kind, record.need.roles)
        return "" if same else f"app.yaml asks for more by now: {both.words()}"

    async def expire(self) -> None:
        """End what nobody decided in time."""
        now = self.clock.now()
        for record in await self.rows.due(now):
            await self.rows.step(record.id, lambda each: transitions.expire(each, now, self.policy.version))

    def _record(self, plan: Plan, invocation: Invocation, need: ApprovalRequirement) -> ChangeRecord:
        now, actor = self.clock.now(), invocation.actor
        return ChangeRecord(
            id=new_id(),
            state=ChangeState.APPROVED if need.kind is RequirementKind.NONE else ChangeState.PROPOSED,
            version=1,
            proposed_at=now,
            expires_at=_expiry(now, need.expires),
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

    def _planned(self, record: ChangeRecord, invocation: Invocation) -> AuditEntry:
        return AuditEntry(
            at=record.proposed_at,
            kind="plan",
            trace=invocation.trace,
            team=record.requester.team,
            actor=str(invocation.actor),
            channel=invocation.channel,
            command=record.plan.command,
            text=record.plan.action,
            outcome=record.state.value,
            detail=record.reason,
            change=record.id,
            digest=record.digest,
            rule=f"{record.need.rule}: needs {record.need.words()}",
            policy=record.policy,
            roles=" ".join(sorted(self.policy.roles(invocation.actor))),
            clusters=frozenset({record.plan.target.id} - {""}),
        )


def check_reason(need: ApprovalRequirement, reason: str) -> None:
    """Raises BadArgument where a reason is asked for and none is given."""
    if need.reason and not reason.strip():
        raise BadArgument(f"This needs a reason ({need.rule}).", "Add --reason and why it is done.")


def _cards_of(record: ChangeRecord) -> tuple[str, ...]:
    """Where a change shows besides the usual place. What the schedule asks for, nobody is answered: it shows
    in its report's channel, and to its owner where somebody has to decide."""
    who = record.requester
    if who.origin != Origin.SCHEDULE:
        return ()
    return (who.channel, *(() if record.need.kind is RequirementKind.NONE else (who.id,)))


def id_of(key: str) -> str:
    """The id of the change that is asked for under a key: the same each time, so that it is kept once.

    Longer than other ids, for nothing but its length keeps it apart from those of other keys.
    """
    number = int.from_bytes(sha256(key.encode()).digest())
    return "c-" + "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(10))


def new_id() -> str:
    """Short enough to say, with 887 million to choose from."""
    return "c-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _expiry(now: datetime, after: timedelta) -> datetime:
    return now + after
