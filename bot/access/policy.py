"""Permissions and approval requirements: pure decisions, each with the rules that led to it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.access.owners import members_of
from bot.domain.approval_requirement import ApprovalCondition, ApprovalRequirement, RequirementKind
from bot.domain.cluster import Cluster
from bot.domain.command_info import CommandEffect, CommandInfo
from bot.domain.errors import Denied
from bot.domain.name_match import matches_any, may_meet
from bot.domain.phrases import join_some
from bot.domain.plan import CopySource, Harm, Plan, PlanTarget
from bot.domain.request import AccountStatus, Actor, Decision, Invocation, Origin
from bot.domain.stored_values import digest_value
from bot.settings.model import OWNER, ApprovalRule, Grant, Selector, Settings, Tags

EVERYONE = "everyone"
"""The role of every full member of the workspace; guests have only what is granted to them by id."""

UNREAD = "not all known: Slack does not say"
"""A mark among an actor's groups: Slack could not be asked for all of them. No id has blanks."""

FormerNames = Mapping[str, Sequence[PlanTarget]]
"""By a cluster's id: what it was known as within the period in which that still counts."""

NO_NAMES: FormerNames = MappingProxyType({})

_UNSURE = "Slack did not return your user groups, and the permission depends on them"
_NOT_GRANTED = "no permission allows it"

_SHUT_OUT = {
    AccountStatus.BOT: "apps and bots may not run commands",
    AccountStatus.DEACTIVATED: "the account is deactivated",
    AccountStatus.STRANGER: "the account belongs to another company",
    AccountStatus.OTHER_WORKSPACE: "the account belongs to another workspace of the enterprise, which "
    "slack.workspaces in app.yaml does not list",
    AccountStatus.UNKNOWN: "Slack did not say who this is",
}


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A command that somebody wants to run, and the channel."""

    actor: Actor
    channel: str
    command: CommandInfo
    external_channel: bool | None = False

    @classmethod
    def by(cls, invocation: Invocation, command: CommandInfo) -> "CommandRequest":
        return cls(invocation.actor, invocation.channel, command, invocation.external_channel)


NEED_BY_HARM = {
    Harm.MILD: RequirementKind.CONFIRM,
    Harm.NOTICED: RequirementKind.CONFIRM,
    Harm.DESTRUCTIVE: RequirementKind.NAME,
}
"""The requirement of a change that no rule of app.yaml covers."""


class Policy:
    """The decisions, denying by default: everything needs a rule that allows it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._last_sight: tuple[CommandRequest, Callable[[Cluster], Decision]] | None = None
        self._rules = dict(enumerate(settings.approvals.rules, start=1))
        self._permissions = dict(enumerate(settings.permissions, start=1))
        whole = dict.fromkeys(("people", "permissions", "approvals", "clusters"), True)
        sections = settings.model_dump(mode="json", include={**whole, "terminal": {"people"}})
        self.version = digest_value(sections)[:12]
        """Twelve digits that change with anything that policy decides by; kept with every decision."""

    def may_run(self, asked: CommandRequest) -> Decision:
        """Decide whether the command may run at all; `may_see` decides on which clusters."""
        for step in (self._shut_out, self._no_writes, self._outside_slack):
            decision = step(asked)
            if decision is not None:
                return decision
        if asked.command.open_to_all:
            return Decision.yes("open to all")
        grants = self._grants(asked)
        at_best = self._at_best(asked.actor)
        if at_best is not asked.actor and grants != self._grants(replace(asked, actor=at_best)):
            return Decision.no(_UNSURE)
        if not grants:
            return Decision.no(_NOT_GRANTED)
        return Decision.yes(*(f"permission {number}" for number, _ in grants))

    def describe_permitted(self, command: CommandInfo) -> str:
        """Return a sentence with the roles that have a permission for a command, and from which channels."""
        grants = [each for each in self._settings.permissions if matches_any(command.name, each.allow)]
        roles = [
            f"{role} (in {join_some(grant.channels)})" if grant.channels is not None else role
            for grant in grants
            for role in grant.to
        ]
        return (
            f"Roles that may run it: {join_some(dict.fromkeys(roles))}." if roles else "No role may run it."
        )

    def describe_denial(self, asked: CommandRequest, decision: Decision) -> str:
        """Return why a command is refused, and who may run it where only a permission is missing."""
        reason = f"You may not run “{asked.command.name}” here: {'; '.join(decision.trace)}."
        lacks_grant = decision.trace == (_NOT_GRANTED,)
        return f"{reason} {self.describe_permitted(asked.command)}" if lacks_grant else reason

    def require(self, asked: CommandRequest) -> Decision:
        """Decide as `may_run` does, and raise Denied where it says no."""
        decision = self.may_run(asked)
        if not decision.allowed:
            raise Denied(
                self.describe_denial(asked, decision),
                "“help” lists what you may run. For more, ask the people who maintain app.yaml.",
            )
        return decision

    def may_see(self, asked: CommandRequest, cluster: Cluster) -> Decision:
        """Decide whether the command may touch this cluster, to read or to write."""
        return self._sight(asked)(cluster)

    def visible(self, asked: CommandRequest, clusters: Iterable[Cluster]) -> tuple[Cluster, ...]:
        """Return the clusters that the command may touch, as `may_see` decides."""
        see = self._sight(asked)
        return tuple(each for each in clusters if see(each).allowed)

    def _sight(self, asked: CommandRequest) -> Callable[[Cluster], Decision]:
        """Return what decides about each cluster; what is the same for all is decided once, also where a
        request asks about one after the other."""
        last = self._last_sight
        if last is None or last[0] is not asked:
            last = self._last_sight = (asked, self._make_sight(asked))
        return last[1]

    def _make_sight(self, asked: CommandRequest) -> Callable[[Cluster], Decision]:
        if not self.may_run(asked).allowed:
            return lambda _cluster: Decision.no("the command may not run")
        if not asked.actor.member or asked.command.open_to_all:
            return lambda _cluster: Decision.yes("all clusters")
        grants = [
            (Decision.yes(f"permission {number}"), grant.clusters) for number, grant in self._grants(asked)
        ]
        nowhere = Decision.no("no permission covers this cluster")

        def see(cluster: Cluster) -> Decision:
            tags = self._settings.tags(cluster)
            covering = (yes for yes, selectors in grants if _covers(selectors, cluster, tags))
            return next(covering, nowhere)

        return see

    def scope(self, asked: CommandRequest) -> str:
        """Return a digest of what decides which clusters the command may touch; `everything` for all."""
        selectors = [grant.clusters for _, grant in self._grants(asked)]
        if not asked.actor.member or asked.command.open_to_all or None in selectors:
            return "everything"
        kept = [each.model_dump(mode="json") for some in selectors for each in some or ()]
        tags = [each.model_dump(mode="json") for each in self._settings.clusters]
        return digest_value([kept, tags])

    def may_somewhere(self, asked: CommandRequest, cluster: Cluster) -> bool:
        """Return whether the command may touch this cluster from here or another channel of app.yaml."""
        channels = {each for grant in self._settings.permissions for each in grant.channels or ()}
        return self.may_see(asked, cluster).allowed or any(
            self.may_see(replace(asked, channel=each), cluster).allowed for each in channels
        )

    def roles(self, actor: Actor) -> frozenset[str]:
        """Return the roles somebody has, by user id or user group; `everyone` for full members."""
        named = {
            role
            for role, members in self._settings.people.items()
            if actor.member in members or not actor.groups.isdisjoint(members)
        }
        return frozenset(named | ({EVERYONE} if actor.standing is AccountStatus.MEMBER else set()))

    def roles_in(self, actor: Actor, plan: Plan, need: ApprovalRequirement) -> frozenset[str]:
        """Return the roles in which somebody may approve a change: `roles_for` the cluster it answers to,
        and their own id and groups where a condition names them."""
        named = need.roles.union(need.break_glass)
        return self.roles_for(actor, self.answered_for(plan)) | ({actor.member, *actor.groups} & named)

    def is_unsure(self, actor: Actor, plan: Plan, need: ApprovalRequirement) -> bool:
        """Return whether user groups that could not be read would give this actor further roles here."""
        return self.roles_in(actor, plan, need) != self.roles_in(self._at_best(actor), plan, need)

    def _at_best(self, actor: Actor) -> Actor:
        """Return the actor as a member of all the user groups that could not be read."""
        if UNREAD not in actor.groups:
            return actor
        return replace(actor, groups=actor.groups | self._settings.user_groups)

    def roles_for(self, actor: Actor, cluster: Cluster) -> frozenset[str]:
        """Return `roles`, and `owner` for the owner of this cluster by the settings.

        An owner is a Slack id of a person or user group, or a role of `people`, with or without an @.
        """
        roles = self.roles(actor)
        owner = self._owner(cluster)
        owns = owner and (owner == actor.member or owner in actor.groups or owner in roles)
        return roles | {OWNER} if owns and owner != EVERYONE else roles

    def members(self, roles: Iterable[str], cluster: Cluster) -> tuple[str, ...]:
        """Return the members of these roles, each once: Slack ids of people and of user groups. For `owner`
        they are those of the owner of this cluster.
        """
        owner = self._settings.tags(cluster).owner
        named = [owner if role == OWNER else role for role in roles]
        found = [each for name in named for each in members_of(name, self._settings)]
        return tuple(dict.fromkeys(found))

    def need(self, plan: Plan, former: FormerNames = NO_NAMES) -> ApprovalRequirement:
        """Return the requirement of a planned change: the first matching rule's, else the default's.

        A cluster also needs what it would under each of its `former` names, a copy what the same change of
        the cluster that is copied needs, a change that takes its cluster out of rules what they ask for, and
        every change at least its plan's floor.
        """
        own = self._first(plan, plan.target)
        others = (*self._of_former(plan, former), *self._of_copy(plan, former), *self._left(plan, own))
        return own.union(*others).at_least(plan.floor)

    def asks_reason(self, command: str, harm: Harm, cluster: Cluster) -> bool:
        """Return whether a change of this cluster needs a reason, by its present name and before a plan."""
        return any(each.reason for each in self._decide(command, harm, cluster))

    def answered_for(self, plan: Plan) -> Cluster:
        """Return the cluster whose owner is the `owner` of a change: for a copy that of the data, unless it
        is gone, and its owner with it."""
        source = plan.source
        return (plan.target if source is None or source.is_gone else source).as_cluster()

    def covering(self, cluster: Cluster) -> tuple[str, ...]:
        """Return the approval rules and permissions that cover a cluster, by the names that people see."""
        return (
            *(f"approval rule {number}" for number in self._covering(self._rules, cluster)),
            *(f"permission {number}" for number in self._covering(self._permissions, cluster)),
        )

    def left_to_default(self, command: str, clusters: Iterable[Cluster]) -> tuple[Cluster, ...]:
        """Return the clusters for which no approval rule decides about this change, though it has rules."""
        numbers = {number for number in self._rules if self._is_for(number, command)}
        return tuple(each for each in clusters if numbers and numbers.isdisjoint(self._rules_on(each)))

    def _first(self, plan: Plan, target: PlanTarget) -> ApprovalRequirement:
        """Return what the first rule for this change and cluster asks for, else what the default does."""
        found = self._decide(plan.command, plan.harm, target.as_cluster())
        return ApprovalRequirement.of(*(self._with_owner(each, plan, target) for each in found))

    def _decide(self, command: str, harm: Harm, cluster: Cluster) -> list[ApprovalCondition]:
        first = next((n for n in self._rules_on(cluster) if self._is_for(n, command)), None)
        return [*self._default(command, harm)] if first is None else [self._condition(first)]

    def _default(self, command: str, harm: Harm) -> Iterator[ApprovalCondition]:
        """Yield the conditions of a change that no rule matches: at least what its harm asks for."""
        yield ApprovalCondition(kind=NEED_BY_HARM[harm])
        default = self._settings.approvals.default
        if default is not None:
            yield default.condition("approvals.default")
        elif harm is Harm.DESTRUCTIVE:
            for number in self._rules:
                if self._is_for(number, command):
                    each = self._condition(number)
                    yield each.model_copy(update={"rule": f"{each.rule}, since no rule covers the cluster"})

    def _is_for(self, number: int, command: str) -> bool:
        return matches_any(command, self._rules[number].changes)

    def _condition(self, number: int) -> ApprovalCondition:
        return self._rules[number].condition(f"approval rule {number}")

    def _with_owner(self, condition: ApprovalCondition, plan: Plan, target: PlanTarget) -> ApprovalCondition:
        """Return the condition with this cluster's owner by name, where `owner` of the change is another."""
        owner = self._owner(target.as_cluster())
        is_unknown = not owner and isinstance(target, CopySource) and target.is_gone
        if is_unknown or owner == self._owner(self.answered_for(plan)):
            return condition
        name = owner if owner not in {"", EVERYONE} else f"owner:{target.id or target.name}"
        roles = Counter({role: count for role, count in condition.roles.items() if role != OWNER})
        roles[name] += condition.roles.get(OWNER, 0)
        glass = tuple(name if role == OWNER else role for role in condition.break_glass)
        return condition.model_copy(update={"roles": dict(+roles), "break_glass": glass})

    def _owner(self, cluster: Cluster) -> str:
        return (self._settings.tags(cluster).owner or "").removeprefix("@")

    def _of_former(self, plan: Plan, former: FormerNames) -> Iterator[ApprovalRequirement]:
        """Yield the requirements under former names, and on the cluster whose data was copied into it. That
        one is not named: who sees the copy may not see it."""
        for was in former.get(plan.target.id, ()):
            own = was.id == plan.target.id
            why = f"its former name {was.name}" if own else "the cluster that its data was copied from"
            yield self._first(plan, was).because(f", as for {why}")

    def _of_copy(self, plan: Plan, former: FormerNames) -> Iterator[ApprovalRequirement]:
        """Yield the requirements of the same change on the cluster whose data is copied."""
        if plan.source is not None:
            named = f"{plan.source.name}," if plan.source.name else "the cluster"
            why = f", as for {named} whose data is copied"
            for each in (plan.source, *former.get(plan.source.id, ())):
                yield self._first(plan, each).because(why)

    def _rules_on(self, cluster: Cluster) -> list[int]:
        """Return the numbers of the approval rules that cover a cluster, for any change."""
        return self._covering(self._rules, cluster)

    def _covering(self, numbered: Mapping[int, ApprovalRule | Grant], cluster: Cluster) -> list[int]:
        tags = self._settings.tags(cluster)
        return [number for number, each in numbered.items() if _covers(each.clusters, cluster, tags)]

    def _left(self, plan: Plan, own: ApprovalRequirement) -> Iterator[ApprovalRequirement]:
        """Yield what the rules ask for that would no longer decide about the cluster after this change.

        Outside of them nobody is asked any more, so the requester's own approval does not count here.
        """
        if plan.becomes is None:
            return
        before, after = plan.target.as_cluster(), plan.becomes.as_cluster()
        now, then = self._rules_on(before), self._rules_on(after)
        if now != then:
            rule = "other approval rules under the new name"
            typed = ApprovalCondition(kind=RequirementKind.NAME, expires=own.expires, rule=rule)
            yield ApprovalRequirement.of(typed)
        moves = self._settings.tags(before).owner != self._settings.tags(after).owner
        for number in now:
            each = self._condition(number)
            why = self._why_left(number, now, then)
            if not why and moves and OWNER in {*each.roles, *each.break_glass}:
                why = "whose owner changes with the new name"
            if why:
                yield ApprovalRequirement.of(each.model_copy(update={"own_vote": False})).because(f", {why}")

    def _why_left(self, number: int, now: list[int], then: list[int]) -> str:
        """Return why a rule that covers a cluster no longer decides about it; empty where it still does."""
        if number not in then:
            return "which would no longer apply under the new name"
        changes = self._rules[number].changes
        before = [each for each in then if each < number and each not in now]
        over = next((each for each in before if may_meet(self._rules[each].changes, changes)), None)
        return f"which rule {over} would replace under the new name" if over else ""

    def _shut_out(self, asked: CommandRequest) -> Decision | None:
        reason = _SHUT_OUT.get(asked.actor.standing)
        doubt = f". {asked.actor.doubt.rstrip('.')}" if asked.actor.doubt else ""
        return Decision.no(f"{reason}{doubt}") if reason else None

    def _outside_slack(self, asked: CommandRequest) -> Decision | None:
        if asked.actor.origin is Origin.SLACK:
            return None
        if asked.command.effect is CommandEffect.READ:
            return Decision.yes(f"reads are open to the {_OUTSIDE[asked.actor.origin]}")
        if asked.actor.origin is Origin.SCHEDULE and not asked.command.schedulable:
            return Decision.no("schedules may run only read-only commands, and changes that can be scheduled")
        if asked.actor.member:
            return None
        hint = " until terminal.people in app.yaml names this user's Slack id" * (
            asked.actor.origin is Origin.TERMINAL
        )
        return Decision.no(f"the {_OUTSIDE[asked.actor.origin]} may only read{hint}")

    def _no_writes(self, asked: CommandRequest) -> Decision | None:
        if asked.command.effect is CommandEffect.READ:
            return None
        if asked.actor.standing is not AccountStatus.MEMBER:
            return Decision.no("guests may not change anything")
        if asked.external_channel is None:
            return Decision.no("Slack did not say whether this channel is shared with another company")
        if asked.external_channel:
            return Decision.no("nothing may be changed from a channel shared with another company")
        return None

    def _grants(self, asked: CommandRequest) -> list[tuple[int, Grant]]:
        roles = self.roles(asked.actor)
        return [
            (number, grant)
            for number, grant in self._permissions.items()
            if not roles.isdisjoint(grant.to)
            and matches_any(asked.command.name, grant.allow)
            and (grant.channels is None or asked.channel in grant.channels)
        ]


def unread_groups_error() -> Denied:
    return Denied(
        "Slack did not return your user groups, so it is unknown whether you may.",
        "Try again in a moment.",
    )


def _covers(selectors: tuple[Selector, ...] | None, cluster: Cluster, tags: Tags) -> bool:
    """Return whether a selector covers the cluster; without selectors all clusters are covered."""
    return selectors is None or any(each.covers(cluster, tags) for each in selectors)


_OUTSIDE = {Origin.TERMINAL: "terminal", Origin.SCHEDULE: "schedule"}
