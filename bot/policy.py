"""Who may run, see and change what: pure decisions, each with the rules that led to it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from bot.command import Command, Effect
from bot.config import OWNER, Grant, Settings
from bot.domain import Actor, Cluster, Decision, Invocation, Origin, Standing
from bot.errors import Denied
from bot.need import Kind, Need
from bot.owners import members_of
from bot.plan import Harm, Plan, canonical

EVERYONE = "everyone"
"""The role of every full member of the workspace; guests have only what is granted to them by id."""

UNREAD = "not all known: Slack does not say"
"""Stands among an actor's groups where Slack could not be asked for all of them. Nobody's id has blanks."""

_UNSURE = "Slack does not say which user groups you are in, and it depends on that"

_SHUT_OUT = {
    Standing.BOT: "apps and bots may not give commands",
    Standing.DEACTIVATED: "the account is deactivated",
    Standing.STRANGER: "the account belongs to another workspace",
    Standing.UNKNOWN: "Slack could not be asked who this is",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that somebody wants to run, and where."""

    actor: Actor
    channel: str
    command: Command
    external_channel: bool | None = False

    @classmethod
    def by(cls, invocation: Invocation, command: Command) -> "Asked":
        """What the invocation asks for."""
        return cls(invocation.actor, invocation.channel, command, invocation.external_channel)


_BY_HARM = {Harm.MILD: Kind.CONFIRM, Harm.NOTICED: Kind.CONFIRM, Harm.DESTRUCTIVE: Kind.NAME}
"""What a change needs where no rule of app.yaml says it."""


class Policy:
    """Deny by default: everything here needs a rule that allows it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.version = _version(settings)
        """Twelve digits that change with anything that policy decides by; kept with every decision."""

    def may_run(self, asked: Asked) -> Decision:
        """Whether the command may run at all; on which clusters is for `may_see` to say."""
        for step in (self._shut_out, self._no_writes, self._outside_slack, self._open):
            decision = step(asked)
            if decision is not None:
                return decision
        grants = self._grants(asked)
        at_best = self._at_best(asked.actor)
        if at_best is not asked.actor and grants != self._grants(replace(asked, actor=at_best)):
            return Decision.no(_UNSURE)
        if not grants:
            return Decision.no("no permission allows it")
        return Decision.yes(*(f"permission {number}" for number, _ in grants))

    def require(self, asked: Asked) -> Decision:
        """`may_run`, as an error for the reader when it says no. Raises Denied."""
        decision = self.may_run(asked)
        if not decision.allowed:
            reason = "; ".join(decision.trace)
            raise Denied(
                f"You may not run “{asked.command.name}” here: {reason}.",
                "“help” lists what you may run; for more, ask whoever keeps app.yaml.",
            )
        return decision

    def may_see(self, asked: Asked, cluster: Cluster) -> Decision:
        """Whether the command may touch this cluster, read or write."""
        if not self.may_run(asked).allowed:
            return Decision.no("the command may not run")
        if not asked.actor.member or asked.command.open_to_all:
            return Decision.yes("all clusters")
        tags = self._settings.tags(cluster)
        for number, grant in self._grants(asked):
            if grant.clusters is None or any(each.covers(cluster, tags) for each in grant.clusters):
                return Decision.yes(f"permission {number}")
        return Decision.no("no permission covers this cluster")

    def roles(self, actor: Actor) -> frozenset[str]:
        """The roles somebody has, by user id or user group; `everyone` for full members."""
        named = {
            role
            for role, members in self._settings.people.items()
            if actor.member in members or not actor.groups.isdisjoint(members)
        }
        return frozenset(named | ({EVERYONE} if actor.standing is Standing.MEMBER else set()))

    def is_unsure(self, actor: Actor, cluster: Cluster) -> bool:
        """Whether user groups that could not be read would give this actor further roles for the cluster."""
        return self.roles_for(actor, cluster) != self.roles_for(self._at_best(actor), cluster)

    def _at_best(self, actor: Actor) -> Actor:
        """The actor in all the user groups that could not be read."""
        if UNREAD not in actor.groups:
            return actor
        return replace(actor, groups=actor.groups | self._settings.user_groups)

    def roles_for(self, actor: Actor, cluster: Cluster) -> frozenset[str]:
        """`roles`, and `owner` for whoever the settings call the owner of this cluster.

        An owner is a Slack id of a person or user group, or a role of `people`, with or without an @.
        """
        roles = self.roles(actor)
        owner = (self._settings.tags(cluster).owner or "").removeprefix("@")
        owns = owner and (owner == actor.member or owner in actor.groups or owner in roles)
        return roles | {OWNER} if owns and owner != EVERYONE else roles

    def members(self, roles: Iterable[str], cluster: Cluster) -> tuple[str, ...]:
        """Whom the settings list under these roles, each once: Slack ids of people and of user groups; for
        `owner`, of whoever owns this cluster."""
        owner = self._settings.tags(cluster).owner
        named = [owner if role == OWNER else role for role in roles]
        found = [each for name in named for each in members_of(name, self._settings)]
        return tuple(dict.fromkeys(found))

    def need(self, plan: Plan) -> Need:
        """What a planned change needs: the first rule that fits, else its harm's default; never less than
        the plan's own floor."""
        cluster = plan.target.as_cluster()
        tags = self._settings.tags(cluster)
        need = Need(kind=_BY_HARM[plan.harm])
        for number, rule in enumerate(self._settings.approvals.rules, start=1):
            fits = any(fnmatchcase(plan.command, pattern) for pattern in rule.changes)
            covered = rule.clusters is None or any(each.covers(cluster, tags) for each in rule.clusters)
            if fits and covered:
                need = rule.need(number)
                break
        floor = plan.floor
        return need if need.kind.weight >= floor.weight else need.model_copy(update={"kind": floor})

    def _shut_out(self, asked: Asked) -> Decision | None:
        reason = _SHUT_OUT.get(asked.actor.standing)
        return Decision.no(reason) if reason else None

    def _open(self, asked: Asked) -> Decision | None:
        return Decision.yes("open to all") if asked.command.open_to_all else None

    def _outside_slack(self, asked: Asked) -> Decision | None:
        if asked.actor.origin is Origin.SLACK:
            return None
        if asked.command.effect is Effect.READ:
            return Decision.yes(f"reads are open to the {_OUTSIDE[asked.actor.origin]}")
        if asked.actor.origin is Origin.SCHEDULE and not asked.command.schedulable:
            return Decision.no(
                "the schedule may only read, and make the changes that say they can be scheduled"
            )
        if asked.actor.member:
            return None
        hint = ", until terminal.people says who this user is in Slack" * (
            asked.actor.origin is Origin.TERMINAL
        )
        return Decision.no(f"the {_OUTSIDE[asked.actor.origin]} may only read{hint}")

    def _no_writes(self, asked: Asked) -> Decision | None:
        if asked.command.effect is Effect.READ:
            return None
        if asked.actor.standing is not Standing.MEMBER:
            return Decision.no("guests may not change anything")
        if asked.external_channel is None:
            return Decision.no("Slack does not say whether another company reads along in this channel")
        if asked.external_channel:
            return Decision.no("nothing may be changed from a channel shared with another company")
        return None

    def _grants(self, asked: Asked) -> list[tuple[int, Grant]]:
        roles = self.roles(asked.actor)
        return [
            (number, grant)
            for number, grant in enumerate(self._settings.permissions, start=1)
            if not roles.isdisjoint(grant.to)
            and any(fnmatchcase(asked.command.name, pattern) for pattern in grant.allow)
            and (grant.channels is None or asked.channel in grant.channels)
        ]


_OUTSIDE = {Origin.TERMINAL: "terminal", Origin.SCHEDULE: "schedule"}


def _version(settings: Settings) -> str:
    sections = settings.model_dump(
        mode="json", include={"people", "permissions", "approvals", "clusters", "terminal"}
    )
    return hashlib.sha256(canonical(sections).encode()).hexdigest()[:12]
