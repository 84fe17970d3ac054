"""`/pg policy explain`: whether somebody may run a command, and which rules say so."""

from typing import Annotated

from pydantic import Field

from bot.access.policy import CommandRequest
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Command, Picks, Positional, command, known_as
from bot.commands.form_layout import InForm
from bot.domain.cluster import Cluster
from bot.domain.errors import BadArgument, InputError
from bot.domain.phrases import join_names, quote_text
from bot.domain.plan import Harm, Plan, PlanTarget
from bot.domain.reply import Fields, Note, Part, Reply, Warn
from bot.domain.request import Actor, Decision, Origin


class PolicyExplainArguments(Arguments):
    who: Annotated[
        str,
        Positional(),
        Picks("person"),
        InForm(label="Person", hint=""),
        Field(description="Person: @name or a Slack id"),
    ]
    what: Annotated[
        str,
        Positional(rest=True),
        InForm(
            label="Command",
            hint="If you like, with the name of a cluster after it.",
            example="cluster delete orders-prod",
        ),
        Field(description="Command, and optionally a cluster after it"),
    ]


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
    pairs = [
        ("Account", actor.standing.value),
        ("Roles", join_names(sorted(_find_roles(actor, cluster, ctx))) or "none"),
        ("Command", _describe_decision(runs)),
    ]
    if cluster and runs.allowed:
        pairs.append(("Cluster", _describe_decision(sees)))
    if cluster and subject.change:
        pairs += await _describe_need(subject, cluster, actor, ctx)
    where = f" on {cluster.name}" if cluster else ""
    verdict = "may" if sees.allowed else "may not"
    title = f"{actor.name or actor.id} {verdict} run “{subject.name}”{where}"
    return Reply(title, (Fields(tuple(pairs)), *_list_doubts(subject, cluster, runs, ctx)))


def _find_roles(actor: Actor, cluster: Cluster | None, ctx: Context) -> frozenset[str]:
    return ctx.policy.roles_for(actor, cluster) if cluster else ctx.policy.roles(actor)


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


async def _describe_need(
    subject: Command, cluster: Cluster, actor: Actor, ctx: Context
) -> list[tuple[str, str]]:
    """Return what the change would require, and whether this person could approve it."""
    mild, plan = (
        Plan(command=subject.name, arguments={}, target=PlanTarget.of(cluster), action="", harm=harm)
        for harm in (Harm.MILD, Harm.DESTRUCTIVE)
    )
    at_least, need = [await ctx.changes.find_requirement(each) for each in (mild, plan)]
    if at_least != need:
        words = f"{at_least.words()}, or if it can lose data {need.words()} (no approval rule matches it)"
        return [("Requires", words)]
    roles = sorted(ctx.policy.roles_in(actor, plan, need) & need.roles)
    approves = [("Could approve as", join_names(roles) or "no role")] if need.roles else []
    return [("Requires", f"{need.words()} ({need.rule})"), *approves]
