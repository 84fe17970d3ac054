"""`/pg policy explain`: whether somebody may run a command, and which rules say so."""

from dataclasses import dataclass
from typing import Annotated

from bot.access.policy import CommandRequest
from bot.changes.change_result import PersonRef
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Command, InForm, Picks, Positional, command, known_as, returns
from bot.domain.cluster import Cluster, ClusterRef
from bot.domain.errors import BadArgument, InputError
from bot.domain.phrases import join_names, quote_text
from bot.domain.plan import Harm, Plan, PlanTarget
from bot.domain.reply import Fields, Note, Part, Reply, Warn
from bot.domain.request import AccountStatus, Actor, Decision, Origin
from bot.domain.result import CommandResult


class PolicyExplainArguments(Arguments):
    who: Annotated[str, Positional(), Picks("person"), InForm(label="Person", hint="")]
    """Person: @name or a Slack id"""
    what: Annotated[
        str,
        Positional(rest=True),
        InForm(
            label="Command",
            hint="If you like, with the name of a cluster after it.",
            example="cluster delete orders-prod",
        ),
    ]
    """Command, and optionally a cluster after it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedNeed:
    """The requirement of a change in words: at least, and if it can lose data.

    `rule` is the approval rule that decides, null where none does. `could_approve_as` has the roles in which
    the person could approve; null without a rule, and where no approval is needed.
    """

    at_least: str
    if_destructive: str
    rule: str | None
    could_approve_as: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyExplain(CommandResult):
    """The decision about a person and a command, on a cluster where one is named. Each decision has the rules
    behind it, first to last. `need` is of changes of a named cluster."""

    person: PersonRef
    account: AccountStatus
    roles: tuple[str, ...]
    command: str
    cluster: ClusterRef | None
    is_allowed: bool
    may_run: Decision
    may_see: Decision | None
    need: ExplainedNeed | None


@returns(PolicyExplain)
@known_as("who may", "who can", "allowed")
@command(examples=("policy explain @bob restore orders-prod", "policy explain U0BOB user create"))
async def policy_explain(args: PolicyExplainArguments, ctx: Context) -> Reply:
    """Explain whether someone may run a command here, and why.

    The answer names the rules of app.yaml that decide, and the approvals that a change needs. “Here” is the
    channel that you ask in.
    """
    subject, rest = _parse_command(args.what, ctx)
    actor = await _find_person(args.who, ctx)
    cluster = await ctx.cluster(rest) if rest else None
    asked = CommandRequest(actor, ctx.invocation.channel, subject, ctx.invocation.external_channel)
    runs = ctx.policy.may_run(asked)
    sees = ctx.policy.may_see(asked, cluster) if cluster and runs.allowed else runs
    found = PolicyExplain(
        person=PersonRef(id=actor.id, name=actor.name),
        account=actor.standing,
        roles=tuple(sorted(ctx.policy.roles_for(actor, cluster) if cluster else ctx.policy.roles(actor))),
        command=subject.name,
        cluster=ClusterRef.of(cluster) if cluster else None,
        is_allowed=sees.allowed,
        may_run=runs,
        may_see=sees if cluster and runs.allowed else None,
        need=await _find_need(subject, cluster, actor, ctx) if cluster and subject.change else None,
    )
    where = f" on {found.cluster.name}" if found.cluster else ""
    verdict = "may" if found.is_allowed else "may not"
    title = f"{found.person.name or found.person.id} {verdict} run “{found.command}”{where}"
    parts = (Fields(tuple(_list_facts(found))), *_list_doubts(subject, cluster, runs, ctx))
    return Reply(title, parts, result=found)


def _list_facts(found: PolicyExplain) -> list[tuple[str, str]]:
    pairs = [
        ("Account", found.account.value),
        ("Roles", join_names(found.roles) or "none"),
        ("Command", _describe_decision(found.may_run)),
    ]
    if found.may_see:
        pairs.append(("Cluster", _describe_decision(found.may_see)))
    if found.need:
        pairs.append(("Requires", _describe_need(found.need)))
        if found.need.could_approve_as is not None:
            pairs.append(("Could approve as", join_names(found.need.could_approve_as) or "no role"))
    return pairs


def _list_doubts(subject: Command, cluster: Cluster | None, runs: Decision, ctx: Context) -> list[Part]:
    """Return what could not be known for the answer."""
    parts: list[Part] = []
    if ctx.people is None:
        parts.append(
            Warn(
                "Slack can't be asked from here. The answer assumes a full member, and leaves out roles of "
                "user groups."
            )
        )
    if cluster is None and runs.allowed and not subject.open_to_all:
        parts.append(Note("The permission may cover only some clusters. Add a cluster to check it."))
    return parts


def _parse_command(what: str, ctx: Context) -> tuple[Command, str]:
    """Return the longest beginning that is a command, and the rest, which names a cluster."""
    words = what.split()
    for length in range(len(words), 0, -1):
        found = ctx.registry.get(tuple(word.casefold() for word in words[:length]))
        if found is not None:
            return found, " ".join(words[length:])
    raise InputError(f"“{quote_text(what)}” is not a command.", "“help all” lists the commands.")


async def _find_person(who: str, ctx: Context) -> Actor:
    user = ctx.settings.terminal.people.get(who, who.removeprefix("@"))
    if user[:1] not in ("U", "W") or not user.isalnum() or not user.isupper():
        raise BadArgument(
            f"I don't know who “{quote_text(who)}” is.", "Mention the person, or give their Slack id (U…)."
        )
    if ctx.people is not None:
        return await ctx.people(user, "")
    return Actor(origin=Origin.SLACK, id=user, team=ctx.invocation.actor.team)


def _describe_decision(decision: Decision) -> str:
    return f"{'yes' if decision.allowed else 'no'}: {'; '.join(decision.trace)}"


async def _find_need(subject: Command, cluster: Cluster, actor: Actor, ctx: Context) -> ExplainedNeed:
    """Return what the change would require, and whether this person could approve it."""
    mild, plan = (
        Plan(command=subject.name, arguments={}, target=PlanTarget.of(cluster), action="", harm=harm)
        for harm in (Harm.MILD, Harm.DESTRUCTIVE)
    )
    at_least, need = [await ctx.changes.find_requirement(each) for each in (mild, plan)]
    is_ruled = at_least == need
    roles = sorted(ctx.policy.roles_in(actor, plan, need) & need.roles)
    return ExplainedNeed(
        at_least=at_least.words(),
        if_destructive=need.words(),
        rule=need.rule if is_ruled else None,
        could_approve_as=tuple(roles) if is_ruled and need.roles else None,
    )


def _describe_need(need: ExplainedNeed) -> str:
    if need.rule is None:
        return f"{need.at_least}, or if it can lose data {need.if_destructive} (no approval rule matches it)"
    return f"{need.at_least} ({need.rule})"
