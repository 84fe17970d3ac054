"""`/pg cluster rename`: another display name for a cluster."""

from dataclasses import replace
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, Positional, change, consequences
from bot.commands.ionosctl_templates import update_templates
from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import Cluster
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import Denied, InputError
from bot.domain.phrases import join_names
from bot.domain.plan import Harm, Plan, PlanEffect, PlanTarget
from bot.domain.times import format_span
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterChangeArguments
from handlers.shared.cluster_change import ChangeWording


class ClusterRenameArguments(ClusterChangeArguments):
    name: Annotated[str, Positional(), InForm(label="New name", hint="")]
    """New display name; in quotes if it has spaces"""


@consequences(
    harm=Harm.MILD,
    loses="nothing; entries in app.yaml for the old name no longer match",
    undo="rename it back",
    stops=("the new name would give the requester more permissions",),
)
@change(
    execute=cluster_change.execute,
    examples=("cluster rename orders-staging orders-stage",),
    ionosctl=update_templates("--name {name}"),
)
async def cluster_rename(args: ClusterRenameArguments, ctx: Context) -> Plan:
    """Rename a cluster; its DNS name, address and data stay the same.

    Entries in app.yaml for the old name stop matching, and the plan shows what that changes. If the new name
    takes the cluster out of an approval rule, the rename needs the approvals of that rule. The rule also
    stays in force for a while (approvals.former_names).
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    name = args.name.strip()
    if name == cluster.name:
        raise InputError(f"The cluster is already called {name}.")
    renamed = replace(cluster, name=name)
    _check_gains(cluster, renamed, ctx)
    effects, rules = _list_setting_changes(cluster, renamed, ctx), _list_rule_changes(cluster, renamed, ctx)
    by_name = (
        f"app.yaml finds {cluster.name} by its name. Its settings and permissions will change with the name "
        "until you update app.yaml."
    )
    wording = ChangeWording(
        action=f"Rename {cluster.name} to {name}",
        arguments={"name": name},
        harm=Harm.MILD,
        effects=effects,
        warnings=(*([by_name] if effects or rules else []), *rules),
        floor=RequirementKind.NAME if effects or rules else RequirementKind.NONE,
        limit=30 * 60,
    )
    plan = await cluster_change.plan_change(cluster, ClusterChange(name=name), ctx, wording)
    return plan.model_copy(update={"becomes": PlanTarget.of(renamed)})


def _check_gains(cluster: Cluster, renamed: Cluster, ctx: Context) -> None:
    """Raise Denied where permissions by name would give the requester more rights on the cluster."""
    for command in ctx.registry:
        asked = replace(ctx.request, command=command)
        if ctx.policy.may_somewhere(asked, renamed) and not ctx.policy.may_somewhere(asked, cluster):
            raise Denied(
                f"The name {renamed.name} would let you run “{command.name}” on {cluster.name}, "
                "which you may not do now.",
                "Ask someone who already may to rename it.",
            )


def _list_setting_changes(cluster: Cluster, renamed: Cluster, ctx: Context) -> tuple[PlanEffect, ...]:
    """Return what app.yaml says of the cluster by its name, and would say by the new one."""
    was, is_ = ctx.tags(cluster), ctx.tags(renamed)
    pairs = [(key, getattr(was, key), getattr(is_, key)) for key in ("owner", "tier", "channel")]
    pairs.append(("credentials", _find_username(cluster, ctx), _find_username(renamed, ctx)))
    effects = [
        PlanEffect(what=f"In app.yaml: {key}", before=before or "none", after=after or "none")
        for key, before, after in pairs
        if before != after
    ]
    return tuple(effects)


def _find_username(cluster: Cluster, ctx: Context) -> str | None:
    found = ctx.settings.credentials(cluster)
    return found.username if found else None


def _list_rule_changes(cluster: Cluster, renamed: Cluster, ctx: Context) -> tuple[str, ...]:
    """Return sentences on approval rules and permissions that match only one of the two names."""
    was, is_ = ctx.policy.covering(cluster), ctx.policy.covering(renamed)
    left, new = [each for each in was if each not in is_], [each for each in is_ if each not in was]
    words = []
    if left:
        words.append(f"Under the name {renamed.name}, {join_names(left)} will no longer cover it.")
    period = ctx.settings.approvals.former_names
    if period and any(each.startswith("approval") for each in left):
        words.append(f"The approval rules for its former name stay in force for {format_span(period)}.")
    if new:
        words.append(f"Under the name {renamed.name}, {join_names(new)} will cover it as well.")
    return tuple(words)
