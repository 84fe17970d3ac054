"""`/pg restore`: put a cluster back to an earlier time, in place or as a new cluster."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, count
from shlex import quote
from typing import Annotated

from pydantic import Field

from bot.changes.execution_context import ExecutionContext
from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, Picks, Positional, change
from bot.domain.api_capabilities import Operation, is_offered, require
from bot.domain.cluster import Api, Backup, Cluster
from bot.domain.cluster_spec import RestoreTo
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget, Value
from handlers.shared.cluster_checks import configuration, must_live, primary_user
from handlers.shared.concurrent_changes import surroundings
from handlers.shared.restore_point import RestorePoint, RestoreRequest, as_of, choose, lost, reach_of, unsure

LIMIT = timedelta(hours=6)
"""After which a restore that has not ended counts as failed; none is documented."""

USUAL = timedelta(minutes=20)

SAFER = "Safer: restore into a new cluster beside this one, and compare (“cluster create --from-backup”)."

LONGEST_NAME = 63
"""Of a cluster on v2 (ionos-v2, `ClusterProperties`); v1 tells none."""


class RestoreArguments(ChangeArguments):
    """Which cluster, and back to when."""

    cluster: Annotated[str, Positional(), Picks("cluster"), Field(description="Name, id or unique beginning")]
    to: Annotated[
        str,
        Picks("past"),
        Field(
            description="The time to go back to: 2026-11-20T10:00Z, “yesterday 14:00”, 2h for two hours ago"
        ),
    ] = ""
    backup: Annotated[
        str,
        Picks("backup"),
        Field(description="Id of the backup to restore from; in place on v2 the API chooses it"),
    ] = ""
    newest: Annotated[bool, Field(description="As new as its backups allow")] = False
    into: Annotated[
        str, Field(description="Restore into a new cluster of this name, beside this one, and lose nothing")
    ] = ""


@dataclass(frozen=True, slots=True)
class _NewClusterAlternative:
    """The way around restoring in place: its command line, and what to say of it."""

    line: str
    note: str


async def execute(plan: Plan, act: ExecutionContext) -> str:
    """Send the one request."""
    cluster = await act.cluster(plan.target)
    order = plan.order
    target = order["target"]
    await act.fleet.restore(
        cluster,
        RestoreTo(
            backup_id=str(order["backup_id"]) if order["backup_id"] else None,
            target=datetime.fromisoformat(str(target)) if target else None,
        ),
        await act.credentials(cluster),
    )
    return ""


@change(
    execute=execute,
    examples=(
        'restore orders-prod --to 2026-11-20T10:00Z --reason "bad deploy"',
        "restore orders-staging --newest",
        "restore orders-staging --to 2h --into orders-staging-restored",
    ),
    # None for v2: ionosctl 6.10.3 sends what v2 takes for a new cluster only (ionos-api-notes, section 6).
    ionosctl={
        Api.V1: "ionosctl dbaas postgres cluster restore --cluster-id {cluster} --backup-id {backup_id}"
        " [--recovery-time {target}]"
    },
)
async def restore(args: RestoreArguments, ctx: Context) -> Plan:
    """Restore a cluster in place to an earlier time; what was written since is lost.

    A time without a zone is one of your Slack time zone. The cluster is not available meanwhile. --into
    restores into a new cluster beside it instead, as “cluster create --from-backup” does, and loses nothing.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    if args.into:
        return await _into_new(args, cluster, ctx)
    must_live(cluster)
    demand = primary_user(ctx.settings, cluster, Operation.RESTORE)
    if args.backup and not ctx.again:  # earlier releases kept it where the API does not take it
        require(Operation.RESTORE_FROM_BACKUP, cluster.api)
    by_time = not is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api)
    backups = (await ctx.fleet.backups(cluster)).items
    source = choose(_wanted(args, by_time=by_time), cluster, backups, ctx)
    around = await surroundings(cluster, ctx)
    beside = await _beside(cluster, source, ctx)
    return Plan(
        command="restore",
        arguments=_final(args, cluster, source),
        target=PlanTarget.of(cluster),
        action=f"Restore {cluster.name} to {_words(source)}",
        harm=Harm.DESTRUCTIVE,
        order=_order(source, by_time=by_time),
        observed={**configuration(cluster), **_observed(source)},
        effects=_effects(cluster, source, backups, ctx),
        warnings=(lost(source, backups, ctx), *demand.warnings, *around.warnings),
        notes=(_reach(cluster, source, backups, ctx), *unsure(source, ctx), *around.notes, beside.note),
        alternative=beside.line,
        floor=demand.floor,
        ending=ExpectedEnd(
            limit=int(LIMIT.total_seconds()), usual=int(USUAL.total_seconds()), leaves_trace=True
        ),
    )


async def _into_new(args: RestoreArguments, cluster: Cluster, ctx: Context) -> Plan:
    """What “cluster create” plans for this backup and time; whoever asks must be allowed that as well."""
    create = ctx.registry.get(("cluster", "create"))
    assert create is not None  # noqa: S101 - a handler like this one
    assert create.change is not None  # noqa: S101
    creating = ctx.running(create)
    ctx.policy.require(creating.asked)
    backups = (await ctx.fleet.backups(cluster)).items
    source = choose(_wanted(args, by_time=False), cluster, backups, ctx)
    arguments = create.arguments.model_validate(
        {
            "name": args.into,
            "like": cluster.id,
            "from_backup": source.backup.id,
            "to": source.target.isoformat() if source.target else "",
        }
    )
    return await create.change.plan(arguments, creating)


def _wanted(args: RestoreArguments, *, by_time: bool) -> RestoreRequest:
    return RestoreRequest(to=args.to, newest=args.newest, backup=args.backup, by_time=by_time)


def _final(args: RestoreArguments, cluster: Cluster, source: RestorePoint) -> dict[str, Value]:
    """The arguments that plan this again: ids and absolute times."""
    final: dict[str, Value] = {"cluster": cluster.id}
    if args.backup or is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api):
        final["backup"] = source.backup.id
    if source.target is None:
        return {**final, "newest": True}
    return {**final, "to": source.target.isoformat()}


def _order(source: RestorePoint, *, by_time: bool) -> dict[str, Value]:
    return {
        "backup_id": None if by_time else source.backup.id,
        "target": source.target.isoformat() if source.target else None,
    }


def _observed(source: RestorePoint) -> dict[str, Value]:
    """What the choice rests on: all of a backup is the newest only while the cluster ships to it."""
    observed: dict[str, Value] = {"backup": source.backup.id, "target_in_range": True}
    return observed if source.target else {**observed, "backup_active": source.backup.is_active}


async def _beside(cluster: Cluster, source: RestorePoint, ctx: Context) -> _NewClusterAlternative:
    """The line that restores into a new cluster instead; empty where that could not work, and why."""
    name = _free_name(cluster.name, {each.name for each in (await ctx.recent_clusters()).items})
    if ctx.settings.credentials(replace(cluster, id="", name=name)) is None:
        return _NewClusterAlternative(
            "", f"{SAFER} For that app.yaml lacks the primary user of a cluster called {name}."
        )
    line = f"cluster create {quote(name)} --like {cluster.id} --from-backup {source.backup.id}"
    return _NewClusterAlternative(
        f"{line} --to {source.target.isoformat()}" if source.target else line, SAFER
    )


def _free_name(name: str, taken: set[str]) -> str:
    """`orders-prod-restored`, and with a number where there is one already."""
    endings = chain(["-restored"], (f"-restored-{number}" for number in count(2)))
    names = (name[: LONGEST_NAME - len(ending)] + ending for ending in endings)
    return next(each for each in names if each not in taken)


def _words(source: RestorePoint) -> str:
    if source.target is not None:
        return f"{source.target:%Y-%m-%d %H:%M:%S} UTC"
    return "the newest state of its backup" if source.backup.is_active else f"the end of {source.backup.id}"


def _effects(
    cluster: Cluster, source: RestorePoint, backups: tuple[Backup, ...], ctx: Context
) -> tuple[PlanEffect, ...]:
    told = (
        PlanEffect(what="Data", before="as of now", after=as_of(source, backups, ctx)),
        PlanEffect(what="Database", before=cluster.state, after="not available until the restore has ended"),
    )
    if not is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api):
        return told
    return (*told, PlanEffect(what="From backup", before="", after=source.backup.id))


def _reach(cluster: Cluster, source: RestorePoint, backups: tuple[Backup, ...], ctx: Context) -> str:
    reach = reach_of(source.backup, backups, ctx)
    if is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api):
        return f"Backup {source.backup.id} can be restored {reach}."
    return f"It can be restored {reach}. The {cluster.api} API chooses the backup for a time by itself."
