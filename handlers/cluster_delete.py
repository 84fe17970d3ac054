"""`/pg cluster delete`: a cluster gone, with everything in it."""

from collections.abc import Sequence

from bot.changes.operation import ExecutionContext, probe_absence
from bot.commands.context import Context
from bot.commands.declaration import change, consequences
from bot.domain.api_capabilities import Operation, describe_side_effects
from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import GONE, Api, Backup, Cluster, Gap, Listing
from bot.domain.cluster_properties import format_value, read_properties
from bot.domain.errors import InputError
from bot.domain.phrases import format_count
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget
from handlers.shared.argument_types import ClusterChangeArguments
from handlers.shared.cluster_change import describe_last_change, observe_cluster
from handlers.shared.readiness_effect import MoveFacts, add_readiness_effect, whole_or_missing
from handlers.shared.restore_point import RestorePoint, describe_reach, find_newest

IN_V2_TOO = ("v2 shows it, too, under the same id: expect it to be gone there as well.",)
"""The same id is taken for the same cluster; no source says what a deletion on v1 does to it on v2."""

KEPT_DAYS = 7
"""Days for which v1 keeps a backup; a cluster there does not say it (ionos-api-notes, section 6)."""


async def execute(plan: Plan, act: ExecutionContext) -> str:
    await act.fleet.delete(await act.read_cluster(plan.target))
    return ""


@consequences(
    harm=Harm.DESTRUCTIVE,
    loses="the cluster with its databases and users; its backups are kept for a while",
    undo="no; “cluster create --from-backup” makes a new cluster with the data",
    stops=("the cluster is already being deleted",),
)
@change(
    execute=execute,
    probe=probe_absence,
    examples=('cluster delete orders-staging --reason "replaced by orders-stage"',),
    ionosctl={
        Api.V1: "ionosctl dbaas postgres cluster delete --cluster-id {cluster}",
        Api.V2: "ionosctl dbaas postgres-v2 cluster delete --location {region:place} --cluster-id {cluster}",
    },
)
async def cluster_delete(args: ClusterChangeArguments, ctx: Context) -> Plan:
    """Delete a cluster with its databases and users; this can't be undone.

    Its backups are kept for a while. Until they expire, “cluster create --from-backup” restores the data.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    if cluster.state == "DESTROYING":
        raise InputError(f"{cluster.name} is already being deleted.")
    backups = await ctx.fleet.backups(cluster)
    newest = find_newest(backups.items, ctx.now())
    plan = Plan(
        command="cluster delete",
        arguments={"cluster": cluster.id},
        target=PlanTarget.of(cluster),
        action=f"Delete {cluster.name}",
        harm=Harm.DESTRUCTIVE,
        order={"delete": cluster.id},
        observed=observe_cluster(cluster),
        effects=_list_effects(cluster, backups),
        warnings=_list_warnings(cluster, newest, backups.gaps, ctx),
        notes=_list_notes(cluster, newest, ctx),
        floor=RequirementKind.NAME,
        ending=ExpectedEnd(states=(GONE,), usual=5 * 60),
    )
    more = MoveFacts(
        before={"backups": whole_or_missing(backups)}, notes=IN_V2_TOO if Api.V2 in cluster.also_in else ()
    )
    return await add_readiness_effect(plan, cluster, None, ctx, more)


def _list_effects(cluster: Cluster, backups: Listing[Backup]) -> tuple[PlanEffect, ...]:
    now = read_properties(cluster)
    kept = f"kept for {format_count(cluster.backup_retention_days or KEPT_DAYS, 'day')}, then deleted"
    return (
        PlanEffect(what="Cluster", before=cluster.state, after="deleted, with all its data"),
        PlanEffect(
            what="Network",
            before=format_value("connections", now["connections"]),
            after="address and LAN released",
        ),
        PlanEffect(what="DNS name", before=cluster.dns_name or "not stated", after="removed"),
        PlanEffect(
            what="Backups",
            before=f"{len(backups.items)}{' or more: not all could be read' if backups.gaps else ''}",
            after=kept if backups.items or backups.gaps else "none",
        ),
    )


def _list_warnings(
    cluster: Cluster, newest: RestorePoint | None, gaps: Sequence[Gap], ctx: Context
) -> tuple[str, ...]:
    words = "This can't be undone. There is no restorable backup, so all data will be lost."
    if gaps:
        why = f"No restorable backup could be read ({gaps[0]}), so all data may be lost."
        words = f"This can't be undone. {why}"
    if newest:
        reach = describe_reach(newest, ctx)
        words = f"This can't be undone. You can still restore from its backups, up to {reach}."
    besides = describe_side_effects(Operation.DELETE, cluster.api)
    return (words, f"It {besides}.") if besides else (words,)


def _list_notes(cluster: Cluster, newest: RestorePoint | None, ctx: Context) -> tuple[str, ...]:
    last = describe_last_change(cluster, ctx.now())
    if newest is None:
        return (last,)
    return (last, f"To restore it later: “cluster create NAME --from-backup {newest.backup.id}”.")
