"""`/pg policy explain`: whether somebody may run a command, and which rules say so."""

from typing import Annotated

from pydantic import Field

from bot.access.policy import CommandRequest
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Command, Picks, Positional, command
from bot.domain.cluster import Cluster
from bot.domain.errors import BadArgument, InputError
from bot.domain.phrases import listed, shown
from bot.domain.plan import Harm, Plan, PlanTarget
from bot.domain.reply import Fields, Note, Part, Reply, Warn
from bot.domain.request import Actor, Decision, Origin


class PolicyExplainArguments(Arguments):
    """Who, and what on which cluster."""

    who: Annotated[str, Positional(), Picks("person"), Field(description="The person: @name, or a Slack id")]
    what: Annotated[
        str, Positional(rest=True), Field(description="The command's words, and perhaps a cluster after them")
    ]


@command(examples=("policy explain @bob restore orders-prod", "policy explain U0BOB user create"))
async def policy_explain(args: PolicyExplainArguments, ctx: Context) -> Reply:
    """Say whether somebody may run a command here, and what it would need.

    Each answer names the rules of app.yaml that led to it. “Here” is the channel you ask in.
    """
    wanted, rest = _command(args.what, ctx)
    actor = await _person(args.who, ctx)
    cluster = await ctx.cluster(rest) if rest else None
    asked = CommandRequest(actor, ctx.invocation.channel, wanted, ctx.invocation.external_channel)
    runs = ctx.policy.may_run(asked)
    sees = ctx.policy.may_see(asked, cluster) if cluster and runs.allowed else runs
    pairs = [
        ("Account", actor.standing.value),
        ("Roles", listed(sorted(_roles(actor, cluster, ctx))) or "none"),
        ("The command", _said(runs)),
    ]
    if cluster and runs.allowed:
        pairs.append(("The cluster", _said(sees)))
    if cluster and wanted.change:
        pairs += _needs(wanted, cluster, actor, ctx)
    where = f" on {cluster.name}" if cluster else ""
    verdict = "Yes" if sees.allowed else "No"
    title = f"{verdict}: {actor.name or actor.id} and “{wanted.name}”{where}"
    return Reply(title, (Fields(tuple(pairs)), *_doubts(wanted, cluster, runs, ctx)))


def _roles(actor: Actor, cluster: Cluster | None, ctx: Context) -> frozenset[str]:
    return ctx.policy.roles_for(actor, cluster) if cluster else ctx.policy.roles(actor)


def _doubts(wanted: Command, cluster: Cluster | None, runs: Decision, ctx: Context) -> list[Part]:
    """What the answer rests on that could not be known."""
    parts: list[Part] = []
    if ctx.people is None:
        parts.append(
            Warn("Slack cannot be asked from here: a full member is assumed, and roles of user groups miss.")
        )
    if cluster is None and runs.allowed and not wanted.open_to_all:
        parts.append(Note("On which clusters depends on the permission; name one to see."))
    return parts


def _command(what: str, ctx: Context) -> tuple[Command, str]:
    """The longest beginning that is a command, and the rest, which names a cluster."""
    words = what.split()
    for length in range(len(words), 0, -1):
        found = ctx.registry.get(tuple(word.casefold() for word in words[:length]))
        if found is not None:
            return found, " ".join(words[length:])
    raise InputError(f"There is no command “{shown(what)}”.", "“help” lists what there is.")


async def _person(who: str, ctx: Context) -> Actor:
    user = ctx.settings.terminal.people.get(who, who.removeprefix("@"))
    if user[:1] not in ("U", "W") or not user.isalnum() or not user.isupper():
        raise BadArgument(f"“{shown(who)}” is nobody.", "Mention the person, or give their Slack id (U…).")
    if ctx.people is not None:
        return await ctx.people(user, "")
    return Actor(origin=Origin.SLACK, id=user, team=ctx.invocation.actor.team)


def _said(decision: Decision) -> str:
    return f"{'yes' if decision.allowed else 'no'}: {'; '.join(decision.trace)}"


def _needs(wanted: Command, cluster: Cluster, actor: Actor, ctx: Context) -> list[tuple[str, str]]:
    """What the change would need, and whether this person could approve it."""
    plan = Plan(
        command=wanted.name, arguments={}, target=PlanTarget.of(cluster), action="", harm=Harm.DESTRUCTIVE
    )
    need = ctx.policy.need(plan)
    if need.rule == "default":
        return [("It would need", "a confirmation, or the cluster's name typed: no approval rule fits")]
    seats = sorted(ctx.policy.roles_for(actor, cluster) & need.roles.keys())
    approves = [("Could approve it as", listed(seats) or "nobody")] if need.roles else []
    return [("It would need", f"{need.words()} ({need.rule})"), *approves]
