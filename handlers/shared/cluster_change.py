"""Changes of a cluster's properties: their plan, and the one request that carries them out."""

from dataclasses import dataclass, fields, replace
from datetime import timedelta

from bot.changes.operation import ExecutionContext
from bot.commands.context import Context
from bot.domain.api_capabilities import Operation
from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import Cluster
from bot.domain.cluster_properties import format_value, property_heading, read_properties
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import InputError
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget, Value
from bot.domain.stored_values import adapter_of
from bot.ionos import request_limits
from handlers.shared.cluster_checks import (
    describe_last_change,
    observe_cluster,
    require_live,
    require_primary_user,
)
from handlers.shared.readiness_effect import NO_MORE_FACTS, MoveFacts, add_readiness_effect

LIMIT = timedelta(hours=1)
"""After which a change that has not ended counts as failed; none is documented, and IONOS's Terraform
provider gives up then (ionos-api-notes, section 5)."""


_READ_AS = {"connection": "connections", "detach": "connections"}
"""The fields of a change that are read back under another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWording:
    """The words of one command's change.

    `arguments` are the final ones besides the cluster; `effects` come after those of the changed fields.
    `move` are facts for the effect on the move to v2.
    """

    action: str
    arguments: dict[str, Value]
    harm: Harm
    effects: tuple[PlanEffect, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    alternative: str = ""
    floor: RequirementKind = RequirementKind.NONE
    limit: timedelta = LIMIT
    usual: timedelta | None = None
    move: MoveFacts = NO_MORE_FACTS


async def execute(plan: Plan, act: ExecutionContext) -> str:
    """Send the one request."""
    cluster = await act.read_cluster(plan.target)
    change = adapter_of(ClusterChange).validate_python(plan.order)
    await act.fleet.change(cluster, change, await act.find_credentials(cluster))
    return ""


async def plan_change(cluster: Cluster, change: ClusterChange, ctx: Context, wording: ChangeWording) -> Plan:
    """Return the plan of a change, with its effect on the move to v2.

    Raises InputError when the cluster cannot take it, or has it already.
    """
    require_live(cluster)
    request_limits.check_change(cluster.api, change)
    left = _narrow_change(cluster, change)
    demand = await require_primary_user(cluster, Operation.CHANGE, ctx)
    changed_cluster = _apply_change(cluster, left)
    before, after = read_properties(cluster), read_properties(changed_cluster)
    changed = [name for name in after if after[name] != before[name]]
    plan = Plan(
        command=ctx.command.name,
        arguments={"cluster": cluster.id, **wording.arguments},
        target=PlanTarget.of(cluster),
        action=wording.action,
        harm=wording.harm,
        order=adapter_of(ClusterChange).dump_python(left, mode="json", exclude_defaults=True),
        observed=observe_cluster(cluster),
        effects=(*(_make_effect(name, before, after) for name in changed), *wording.effects),
        warnings=(*wording.warnings, *demand.warnings),
        notes=(*wording.notes, describe_last_change(cluster, ctx.now())),
        alternative=wording.alternative,
        floor=max(demand.floor, wording.floor, key=lambda kind: kind.weight),
        ending=ExpectedEnd(
            limit=int(wording.limit.total_seconds()),
            usual=int(wording.usual.total_seconds()) if wording.usual else None,
            expected={name: after[name] for name in changed},
        ),
    )
    return await add_readiness_effect(plan, cluster, changed_cluster, ctx, wording.move)


def _narrow_change(cluster: Cluster, change: ClusterChange) -> ClusterChange:
    """Return the part of a change that the cluster does not have yet."""
    before, after = read_properties(cluster), read_properties(_apply_change(cluster, change))
    left = {
        field.name: value
        for field in fields(change)
        if (value := getattr(change, field.name)) != field.default
        and before[_read_as(field.name)] != after[_read_as(field.name)]
    }
    if not left:
        raise InputError(
            f"{cluster.name} already has these settings, so there is nothing to change.",
            f"“cluster show {cluster.name}” shows its settings.",
        )
    return ClusterChange(**left)


def _apply_change(cluster: Cluster, change: ClusterChange) -> Cluster:
    """Return the cluster as the change would leave it."""
    values = {
        field.name: value
        for field in fields(change)
        if field.name not in _READ_AS and (value := getattr(change, field.name)) is not None
    }
    if change.connection is not None or change.detach:
        values["connections"] = (change.connection,) if change.connection else ()
    return replace(cluster, **values)


def _read_as(name: str) -> str:
    return _READ_AS.get(name, name)


def _make_effect(name: str, before: dict[str, Value], after: dict[str, Value]) -> PlanEffect:
    return PlanEffect(
        what=property_heading(name),
        before=format_value(name, before[name]),
        after=format_value(name, after[name]),
    )
