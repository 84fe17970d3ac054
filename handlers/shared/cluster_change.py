"""Changes of a cluster's properties: their plan, and the one request that carries them out."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from bot.changes.operation import ExecutionContext
from bot.commands.context import Context
from bot.commands.tokenizer import quote_word
from bot.domain.api_capabilities import Operation, describe_side_effects, sets_password
from bot.domain.approval_requirement import RequirementKind
from bot.domain.attempt import WORKING
from bot.domain.cluster import Cluster
from bot.domain.cluster_properties import format_value, property_heading, read_properties
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import InputError
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget, Value
from bot.domain.stored_values import adapter_of
from bot.domain.times import format_ago
from bot.ionos import request_limits
from handlers.shared.readiness_effect import NO_MORE_FACTS, MoveFacts, add_readiness_effect

LIMIT = 3_600
"""Seconds after which a change that has not ended counts as failed; none is documented, and IONOS's Terraform
provider gives up then (ionos-api-notes, section 5)."""


_READ_AS = {"connection": "connections", "detach": "connections"}
"""The fields of a change that are read back under another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWording:
    """The words of one command's change.

    `arguments` are the final ones besides the cluster; `effects` come after those of the changed fields.
    `limit` and `usual` are seconds; `move` are facts for the effect on the move to v2.
    """

    action: str
    arguments: dict[str, Value]
    harm: Harm
    effects: tuple[PlanEffect, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    alternative: str = ""
    floor: RequirementKind = RequirementKind.NONE
    limit: int = LIMIT
    usual: int | None = None
    move: MoveFacts = NO_MORE_FACTS


async def execute(plan: Plan, act: ExecutionContext) -> str:
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
    changed_cluster = apply_change(cluster, left)
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
        effects=(
            *(
                PlanEffect(
                    what=property_heading(name),
                    before=format_value(name, before[name]),
                    after=format_value(name, after[name]),
                )
                for name in changed
            ),
            *wording.effects,
        ),
        warnings=(*wording.warnings, *demand.warnings),
        notes=(*wording.notes, describe_last_change(cluster, ctx.now())),
        alternative=wording.alternative,
        floor=max(demand.floor, wording.floor, key=lambda kind: kind.weight),
        ending=ExpectedEnd(
            limit=wording.limit, usual=wording.usual, expected={name: after[name] for name in changed}
        ),
    )
    return await add_readiness_effect(plan, cluster, changed_cluster, ctx, wording.move)


def _narrow_change(cluster: Cluster, change: ClusterChange) -> ClusterChange:
    """Return the part of a change that the cluster does not have yet."""
    before, after = read_properties(cluster), read_properties(apply_change(cluster, change))
    left = {
        field.name: value
        for field in fields(change)
        if (value := getattr(change, field.name)) != field.default
        and before[name := _READ_AS.get(field.name, field.name)] != after[name]
    }
    if not left:
        raise InputError(
            f"{cluster.name} already has these settings, so there is nothing to change.",
            f"“cluster show {cluster.name}” shows its settings.",
        )
    return ClusterChange(**left)


def apply_change(cluster: Cluster, change: ClusterChange) -> Cluster:
    """Return the cluster as the change would leave it."""
    values = {
        field.name: value
        for field in fields(change)
        if field.name not in _READ_AS and (value := getattr(change, field.name)) is not None
    }
    if change.connection is not None or change.detach:
        values["connections"] = (change.connection,) if change.connection else ()
    return replace(cluster, **values)


LIVE = frozenset({"AVAILABLE"}) | WORKING - {"DESTROYING"}
"""States from which a cluster comes to AVAILABLE by itself; an approved change waits for that."""

STRICT = "STRICTLY_SYNCHRONOUS"
LEAST_FOR_STRICT = 3


@dataclass(frozen=True, slots=True)
class WriteDemand:
    """The demands of a write: warnings for the plan, and the least that policy may require."""

    warnings: tuple[str, ...] = ()
    floor: RequirementKind = RequirementKind.NONE


def require_live(cluster: Cluster) -> None:
    """Raise InputError for a cluster in a state in which it cannot be changed."""
    if cluster.state not in LIVE:
        raise InputError(
            f"{cluster.name} is {cluster.state}, so it can't be changed.",
            "Check it in the DCD, or ask IONOS support.",
        )


async def require_primary_user(cluster: Cluster, operation: Operation, ctx: Context) -> WriteDemand:
    """Return the demands of a write that sets the primary user's password; none where it does not.

    Raises InputError, before any request, when nothing says where that password is.
    """
    if not sets_password(operation, cluster.api):
        return WriteDemand()
    found = await ctx.handover.find_primary_user(cluster)
    if found is None:
        raise InputError(
            f"Every change on the {cluster.api} API sends the primary user's password, and app.yaml has none "
            f"for {cluster.name}.",
            "Add credentials (username, password reference, database) to its entry under clusters.",
        )
    return WriteDemand(
        (f"It {describe_side_effects(operation, cluster.api, user=found.username)}.",), RequirementKind.NAME
    )


def observe_cluster(cluster: Cluster) -> dict[str, Value]:
    """Return what a plan observes of a cluster: everything that somebody could have changed meanwhile.

    States come and go, so only live or not counts.
    """
    return {
        "live": cluster.state in LIVE,
        "modified_at": cluster.modified_at.isoformat() if cluster.modified_at else None,
        **read_properties(cluster),
    }


def describe_last_change(cluster: Cluster, now: datetime) -> str:
    """Say who changed the cluster last, and when, as the API tells it."""
    if cluster.modified_at is None:
        return "The API does not report when the cluster was last changed."
    by = f" by {cluster.modified_by}" if cluster.modified_by else ""
    return f"The cluster was last changed {format_ago(cluster.modified_at, now)}{by}."


def check_strict(cluster: Cluster, *, replication: str | None, instances: int | None) -> None:
    """Check that replication and number of instances after a change go together.

    With fewer than 3 instances STRICTLY_SYNCHRONOUS can leave a v1 database read-only, and v2 refuses it
    (ionos-api-notes, section 10). Raises InputError.
    """
    if replication != STRICT or instances is None or instances >= LEAST_FOR_STRICT:
        return
    name = quote_word(cluster.name)
    if cluster.replication == STRICT:
        raise InputError(
            f"{cluster.name} uses strictly synchronous replication, which needs {LEAST_FOR_STRICT} "
            "instances. With fewer, the database can become read-only.",
            f"Switch first: “cluster replication {name} asynchronous”.",
        )
    raise InputError(
        f"Strictly synchronous replication needs {LEAST_FOR_STRICT} instances, and {cluster.name} has "
        f"{instances}. With fewer, the database can become read-only.",
        f"Scale first: “cluster resize {name} --instances {LEAST_FOR_STRICT}”.",
    )
