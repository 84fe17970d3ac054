"""`/pg cluster maintenance`: when IONOS may work on a cluster."""

from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, change, consequences
from bot.commands.ionosctl_templates import update_templates
from bot.domain.cluster import Cluster, MaintenanceWindow
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import BadArgument
from bot.domain.maintenance_window import LENGTH, find_opening, typed_window
from bot.domain.plan import Harm, Plan
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterChangeArguments, Day
from handlers.shared.cluster_change import ChangeWording


class ClusterMaintenanceArguments(ClusterChangeArguments):
    day: Annotated[Day | None, InForm(label="Day of the week", hint="In UTC.")] = None
    """Day of the week, in UTC"""
    time: Annotated[str | None, InForm(label="Start", hint="In UTC.", example="03:30")] = None
    """Start time in UTC, such as 03:30"""


@consequences(
    harm=Harm.MILD,
    loses="nothing",
    undo="move the window back",
)
@change(
    execute=cluster_change.execute,
    examples=("cluster maintenance orders-prod --day sunday --time 03:30",),
    ionosctl=update_templates("--maintenance-day {maintenance.day} --maintenance-time {maintenance.time}"),
)
async def cluster_maintenance(args: ClusterMaintenanceArguments, ctx: Context) -> Plan:
    """Move a cluster's weekly maintenance window; day and time are in UTC."""
    cluster = await ctx.cluster(args.cluster, certain=True)
    window = _choose_window(args, cluster)
    wording = ChangeWording(
        action=f"Move the maintenance window of {cluster.name} to {window}",
        arguments={"day": str(window.day).casefold(), "time": window.time},
        harm=Harm.MILD,
        notes=_list_notes(cluster, window, ctx),
        limit=30 * 60,
    )
    return await cluster_change.plan_change(cluster, ClusterChange(maintenance=window), ctx, wording)


def _choose_window(args: ClusterMaintenanceArguments, cluster: Cluster) -> MaintenanceWindow:
    if args.day is None and args.time is None:
        raise BadArgument("Neither a day nor a time was given.", "Add --day, --time or both, in UTC.")
    present = cluster.maintenance or MaintenanceWindow(day=None, time=None)
    day, time = args.day or present.day, args.time or present.time
    if day is None or time is None:
        lacks = "--day" if day is None else "--time"
        raise BadArgument(f"{cluster.name} has no maintenance window yet.", f"Add {lacks} as well.")
    return typed_window(day, time)


def _list_notes(cluster: Cluster, window: MaintenanceWindow, ctx: Context) -> tuple[str, ...]:
    hours = int(LENGTH.total_seconds() // 3600)
    notes = [f"The window opens every week for {hours} hours, in UTC all year."]
    for words, each in (
        ("The next window opens", cluster.maintenance),
        ("After this change, it opens", window),
    ):
        start = find_opening(each, ctx.now())
        if start is not None:
            notes.append(f"{words} {ctx.format_time(start)}.")
    return tuple(notes)
