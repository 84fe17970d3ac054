"""`/pg restore`: put a cluster back to an earlier time, in place or as a new cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, count
from typing import Annotated, Any

from bot.changes.operation import ExecutionContext
from bot.commands.context import Context
from bot.commands.declaration import (
    InForm,
    Picks,
    Task,
    change,
    consequences,
    form_layout,
    form_prompt,
    headline,
    known_as,
)
from bot.commands.form_layout import FormChoice, FormOption, FormPrompt
from bot.commands.tokenizer import quote_word
from bot.domain.api_capabilities import Operation, is_offered, require_operation
from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import Api, Backup, Cluster
from bot.domain.cluster_spec import RestoreTo
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget, Value
from handlers.shared.argument_types import ClusterChangeArguments
from handlers.shared.cluster_change import observe_cluster, require_live, require_primary_user
from handlers.shared.cluster_create_plan import ClusterCreateArguments, plan_cluster
from handlers.shared.concurrent_changes import find_concurrent_activity
from handlers.shared.readiness_effect import MoveFacts, add_readiness_effect
from handlers.shared.restore_point import (
    LAST_MINUTES,
    RestorePoint,
    RestoreRequest,
    begin_backup,
    choose_point,
    describe_data,
    describe_loss,
    describe_risk,
    describe_window,
    spell_copy,
)

LIMIT = 6 * 3_600
"""Seconds. A restore that takes longer counts as failed; no limit is documented."""

SAFER = "Safer: restore to a new cluster first, and compare (“restore … --into NAME”)."

LONGEST_NAME = 63
"""Characters of a cluster's name on v2 (ionos-v2, `ClusterProperties`); v1 documents no limit."""


class RestoreArguments(ClusterChangeArguments):
    to: Annotated[str, Picks("past"), InForm(label="Target time", hint="In your own time zone.")] = ""
    """Target time: 2026-11-20T10:00Z, “yesterday 14:00”, or 2h for two hours ago"""
    backup: Annotated[str, Picks("backup"), InForm(label="Backup", hint="")] = ""
    """Id of the backup to restore from (in place on v2 the API chooses it)"""
    newest: bool = False
    """Restore everything that has reached the backup"""
    into: Annotated[str, InForm(label="Name of the new cluster", hint="This cluster stays as it is.")] = ""
    """Restore to a new cluster with this name instead; nothing is lost"""


async def execute(plan: Plan, act: ExecutionContext) -> str:
    cluster = await act.read_cluster(plan.target)
    order = plan.order
    target = order["target"]
    await act.fleet.restore(
        cluster,
        RestoreTo(
            backup_id=str(order["backup_id"]) if order["backup_id"] else None,
            target=datetime.fromisoformat(str(target)) if target else None,
        ),
        await act.find_credentials(cluster),
    )
    return ""


async def find_lacking_fields(values: Mapping[str, Any], ctx: Context) -> FormPrompt | None:
    """Leave backups out of the form where the cluster's API chooses them: in place on v2."""
    if not values.get("cluster") or "into" in values:
        return None
    cluster = await ctx.recent_cluster(str(values["cluster"]))
    may_choose = is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api)
    return None if may_choose else FormPrompt(lacks=("backup",))


@known_as("recover", "rollback", "revert", "rewind", "undelete", "roll back", "as it was")
@headline(Task.RESTORE)
@consequences(
    harm=Harm.DESTRUCTIVE,
    loses="in place: all writes after the target time, or the database if the restore fails",
    undo="no; a later time can be restored while its backup is kept",
    stops=(
        "no backup covers the time",
        f"the time is in the last {LAST_MINUTES.seconds // 60} minutes and the API does not confirm it",
        "the backup is from a newer PostgreSQL version",
        "the cluster is neither AVAILABLE nor about to be",
    ),
)
@form_prompt(find_lacking_fields)
@form_layout(
    FormChoice(
        label="Restore to",
        start=None,
        options=(
            FormOption(label="Latest restorable time", sets="newest"),
            FormOption(label="A point in time", fields=("to",)),
            FormOption(label="A backup", fields=("backup",), extras=("to",)),
        ),
    ),
    FormChoice(
        label="Restore into",
        options=(
            FormOption(label="This cluster, in place"),
            FormOption(label="A new cluster", fields=("into",)),
        ),
    ),
)
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
    """Restore a cluster to an earlier time; later writes are lost.

    The cluster is not available during the restore. Times without a zone are in your Slack time zone. --into
    restores to a new cluster instead, like “cluster create --from-backup”, and loses nothing.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    if args.into:
        return await _plan_new_cluster(args, cluster, ctx)
    require_live(cluster)
    demand = await require_primary_user(cluster, Operation.RESTORE, ctx)
    if args.backup and not ctx.is_replan:  # earlier releases kept it where the API does not take it
        require_operation(Operation.RESTORE_FROM_BACKUP, cluster.api)
    by_time = not is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api)
    backups = await ctx.fleet.backups(cluster)
    point = choose_point(_make_request(args, by_time=by_time), cluster, backups, ctx)
    around = await find_concurrent_activity(cluster, ctx)
    alternative, advice = await _offer_new_cluster(cluster, point, ctx)
    risk = describe_risk(point, cluster, ctx)
    plan = Plan(
        command="restore",
        arguments=_make_arguments(args, cluster, point),
        target=PlanTarget.of(cluster),
        action=f"Restore {cluster.name} to {_describe_target(point)}",
        harm=Harm.DESTRUCTIVE,
        order=_make_order(point, by_time=by_time),
        observed={**observe_cluster(cluster), **_list_observed(point)},
        effects=_list_effects(cluster, point, ctx),
        warnings=(describe_loss(point, ctx), *risk, *demand.warnings, *around.warnings),
        notes=(_note_window(cluster, point, ctx), *around.notes, advice),
        alternative=alternative,
        floor=RequirementKind.NAME if risk else demand.floor,
        recovery=_list_ways_out(cluster, point),
        loses_after=None if point.is_growing else point.data_end,
        follow_up=_list_follow_up(cluster, point),
        ending=ExpectedEnd(limit=LIMIT, usual=20 * 60, leaves_trace=True),
    )
    more = _list_move_facts(args, cluster, point, backups.items, ctx)
    return await add_readiness_effect(plan, cluster, cluster, ctx, more)


async def _plan_new_cluster(args: RestoreArguments, cluster: Cluster, ctx: Context) -> Plan:
    """Plan what “cluster create” would for this backup and time, which the requester must be allowed too."""
    creating = ctx.for_command("cluster create")
    backups = await ctx.fleet.backups(cluster)
    point = choose_point(_make_request(args, by_time=False), cluster, backups, creating)
    return await plan_cluster(ClusterCreateArguments(name=args.into, like=cluster.id), creating, point)


def _make_request(args: RestoreArguments, *, by_time: bool) -> RestoreRequest:
    return RestoreRequest(to=args.to, newest=args.newest, backup=args.backup, into=args.into, by_time=by_time)


def _list_move_facts(
    args: RestoreArguments, cluster: Cluster, point: RestorePoint, backups: Sequence[Backup], ctx: Context
) -> MoveFacts:
    """Return what a restore in place means for the move: what was done for it inside the databases is undone,
    too, and a new backup begins."""
    end = None if point.is_growing else point.data_end
    return MoveFacts(
        before={"backups": tuple(backups)},
        after={"backups": begin_backup(backups, cluster.postgres_version)},
        # A stored change has the id of its backup in any case.
        lost=Operation.RESTORE_FROM_BACKUP if args.backup and not ctx.is_replan else None,
        notes=(
            f"Migration work in its databases after {ctx.format_time(end)} will be undone. Run “pgbot "
            "precheck” again afterwards.",
        )
        if end
        else (),
    )


def _make_arguments(args: RestoreArguments, cluster: Cluster, point: RestorePoint) -> dict[str, Value]:
    """Return the arguments that plan this again: ids and absolute times."""
    final: dict[str, Value] = {"cluster": cluster.id}
    if args.backup or is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api):
        final["backup"] = point.backup.id
    if point.target is None:
        return {**final, "newest": True}
    return {**final, "to": point.target.isoformat()}


def _make_order(point: RestorePoint, *, by_time: bool) -> dict[str, Value]:
    return {
        "backup_id": None if by_time else point.backup.id,
        "target": point.target.isoformat() if point.target else None,
    }


def _list_observed(point: RestorePoint) -> dict[str, Value]:
    """Return what the choice rests on: all of a backup is the newest only while the cluster ships to it."""
    observed: dict[str, Value] = {"backup": point.backup.id, "target_in_range": True}
    return observed if point.target else {**observed, "backup_active": point.backup.is_active}


async def _offer_new_cluster(cluster: Cluster, point: RestorePoint, ctx: Context) -> tuple[str, str]:
    """Return the line that restores into a new cluster instead, empty where that could not work, and a note
    on it."""
    name = _find_free_name(cluster.name, {each.name for each in (await ctx.recent_clusters()).items})
    if ctx.settings.credentials(replace(cluster, id="", name=name)) is None:
        return "", f"{SAFER} That needs a primary user in app.yaml for a cluster called {name}."
    return spell_copy(name, cluster, point), SAFER


def _list_ways_out(cluster: Cluster, point: RestorePoint) -> tuple[str, ...]:
    """Return what people can do after a restore that failed."""
    name = quote_word(PlanTarget.of(cluster).called)
    whole = f"“restore {name} --backup {point.backup.id}” (without a time, so it can't miss one)"
    by_time = not is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api)
    again = f"“restore {name} --to” with an earlier time" if by_time else whole
    copy = spell_copy(_find_free_name(cluster.name, set()), cluster, replace(point, target=None))
    return (
        f"The database may be down, without the old or the new data. Check with “cluster show {name}”.",
        f"When it is AVAILABLE again: {again}.",
        f"In any state: “{copy}” makes a new cluster from everything in the backup.",
        "If it stays FAILED, contact IONOS support with the cluster's id and the time of this change.",
    )


def _list_follow_up(cluster: Cluster, point: RestorePoint) -> tuple[str, ...]:
    """Return what is so after the restore, and what people should check."""
    since = f"after {_format_target(point.target)}" if point.target else "after the end of its backup"
    return (
        f"Writes {since} are no longer in {cluster.name}.",
        "Check that its applications are connected again, and that the data is what you expect.",
    )


def _find_free_name(name: str, taken: set[str]) -> str:
    """Return `orders-prod-restored`, with a number where there is one already."""
    endings = chain(["-restored"], (f"-restored-{number}" for number in count(2)))
    names = (name[: LONGEST_NAME - len(ending)] + ending for ending in endings)
    return next(each for each in names if each not in taken)


def _describe_target(point: RestorePoint) -> str:
    if point.target is not None:
        return _format_target(point.target)
    return "the latest restorable time" if point.backup.is_active else f"the end of {point.backup.id}"


def _format_target(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _list_effects(cluster: Cluster, point: RestorePoint, ctx: Context) -> tuple[PlanEffect, ...]:
    told = (
        PlanEffect(what="Data", before="latest", after=describe_data(point, ctx)),
        PlanEffect(what="Database", before=cluster.state, after="unavailable during the restore"),
    )
    if not is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api):
        return told
    return (*told, PlanEffect(what="From backup", before="", after=point.backup.id, is_detail=True))


def _note_window(cluster: Cluster, point: RestorePoint, ctx: Context) -> str:
    words = describe_window(point.window, ctx)
    if is_offered(Operation.RESTORE_FROM_BACKUP, cluster.api):
        return f"Backup {point.backup.id} can be restored {words}."
    return f"The cluster can be restored {words}. The {cluster.api} API chooses the backup itself."
