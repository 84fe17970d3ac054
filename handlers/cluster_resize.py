"""`/pg cluster resize`: more or fewer instances, cores, RAM; more storage."""

from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, Task, change, consequences, headline, known_as
from bot.commands.ionosctl_templates import update_templates
from bot.domain.byte_sizes import (
    FOR_THE_PLATFORM,
    MB_PER_GB,
    describe_totals,
    format_gigabytes,
    max_connections,
)
from bot.domain.cluster import Cluster
from bot.domain.cluster_spec import ClusterChange
from bot.domain.errors import BadArgument, InputError
from bot.domain.plan import Harm, Plan, PlanEffect
from handlers.shared import cluster_change
from handlers.shared.argument_types import ClusterChangeArguments, RamSize, StorageSize
from handlers.shared.cluster_change import ChangeWording, apply_change, check_strict
from handlers.shared.quota import check_room

FLAGS = ("instances", "cores", "ram", "storage")


class ClusterResizeArguments(ClusterChangeArguments):
    instances: Annotated[int | None, InForm(hint="", least=1, most=5)] = None
    """Number of instances, 1 to 5"""
    cores: Annotated[int | None, InForm(label="Cores per instance", hint="", least=1)] = None
    """Cores per instance"""
    ram: RamSize = None
    storage: StorageSize = None


@known_as(
    *("scale", "grow", "shrink", "enlarge", "expand", "increase", "decrease", "bump", "upsize"),
    *("downsize", "add storage", "add ram", "add cores", "add instance", "add an instance"),
)
@headline(Task.CHANGE)
@consequences(
    harm=Harm.NOTICED,
    loses="open connections, during the failover",
    undo="resize again; storage can't shrink",
    stops=(
        "storage would shrink",
        "the quota is used up",
        "fewer than 3 instances would be left, with strictly synchronous replication",
    ),
)
@change(
    execute=cluster_change.execute,
    examples=(
        "cluster resize orders-prod --cores 8 --ram 16",
        "cluster resize payments-prod --storage 400",
    ),
    ionosctl=update_templates(
        "[--instances {instances}] [--cores {cores}] [--ram {ram_mb:gb}GB] [--storage-size {storage_mb:gb}GB]"
    ),
)
async def cluster_resize(args: ClusterResizeArguments, ctx: Context) -> Plan:
    """Change a cluster's instances, cores, RAM or storage.

    Changing RAM or cores causes a failover. Storage grows without downtime, and can't shrink.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    sizes = {name: value for name in FLAGS if (value := getattr(args, name)) is not None}
    if not sizes:
        raise BadArgument(
            "No new size was given.", "Add at least one of --instances, --cores, --ram and --storage."
        )
    _check_growth(cluster, args.storage)
    if args.instances is not None:
        check_strict(cluster, replication=cluster.replication, instances=args.instances)
    size = ClusterChange(
        instances=args.instances,
        cores=args.cores,
        ram_mb=args.ram and args.ram * MB_PER_GB,
        storage_mb=args.storage and args.storage * MB_PER_GB,
    )
    after = apply_change(cluster, size)
    wording = ChangeWording(
        action=f"Resize {cluster.name}",
        arguments=sizes,
        harm=Harm.NOTICED,
        effects=_compare_connections(cluster, after),
        warnings=_list_warnings(cluster, after),
        notes=(describe_totals(after, cluster), *await check_room(after, ctx, before=cluster)),
        usual=10 * 60,
    )
    return await cluster_change.plan_change(cluster, size, ctx, wording)


def _check_growth(cluster: Cluster, storage: int | None) -> None:
    present = cluster.storage_mb
    if storage is not None and present is not None and storage * MB_PER_GB < present:
        raise InputError(
            f"{cluster.name} has {format_gigabytes(present)} of storage per instance, and storage can't "
            "shrink.",
            "To make it smaller, copy the data into a new cluster.",
        )


def _compare_connections(before: Cluster, after: Cluster) -> tuple[PlanEffect, ...]:
    was, is_ = max_connections(before.ram_mb), max_connections(after.ram_mb)
    if was == is_ or is_ is None:
        return ()
    after_words = f"{is_}, including {FOR_THE_PLATFORM} for the platform (documented for v1)"
    return (
        PlanEffect(
            what="Maximum connections", before="not stated" if was is None else str(was), after=after_words
        ),
    )


def _list_warnings(before: Cluster, after: Cluster) -> tuple[str, ...]:
    """Return warnings as documented for v1; v2's documents do not say how it resizes."""
    warnings = []
    if (before.cores, before.ram_mb) != (after.cores, after.ram_mb):
        warnings.append("Changing cores or RAM causes a failover, so open connections will break once.")
        if after.instances == 1:
            warnings.append("A single instance has no standby to fail over to, so expect some downtime.")
    if after.storage_mb != before.storage_mb:
        was, will_be = format_gigabytes(before.storage_mb) or "unknown", format_gigabytes(after.storage_mb)
        warnings.append(f"Storage can't be reduced again: {was} → {will_be} per instance.")
    if (after.instances or 0) < (before.instances or 0):
        warnings.append("Removing instances can cause a failover, so open connections may break once.")
    if after.instances == 1 and (before.instances or 0) > 1:
        warnings.append("A single instance has no standby: if it fails, the database is down.")
    return tuple(warnings)
