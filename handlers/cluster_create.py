"""`/pg cluster create`: a new cluster, empty or from a backup."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.changes.execution_context import ExecutionContext
from bot.changes.outcome_probe import look_for_new
from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, Positional, change
from bot.domain.byte_sizes import MB_PER_GB
from bot.domain.cluster import Api, Cluster, Connection, MaintenanceWindow, major
from bot.domain.cluster_properties import SWITCHES
from bot.domain.cluster_spec import NewCluster, RestoreTo
from bot.domain.errors import BadArgument, Denied, InputError
from bot.domain.plan import CopySource, Harm, Plan, PlanTarget
from bot.domain.resource_totals import totals
from bot.settings.model import CredentialReferences, same_region
from handlers.shared.cluster_checks import check_new
from handlers.shared.cluster_create_plan import REPLICATION, effects, ending, final_arguments, made
from handlers.shared.cluster_defaults import (
    DEFAULTS,
    NEWEST,
    check_name_is_free,
    free_address,
    pick_backup_location,
    pick_version,
    template,
)
from handlers.shared.quota import check_room
from handlers.shared.restore_point import RestorePoint, find_source

_NEW = TypeAdapter(NewCluster)

Switch = Literal["on", "off"]

_FLAGS = (
    "--name {name} --version {postgres_version} --instances {instances} "
    "--cores {cores} --ram {ram_mb:gb}GB --storage-size {storage_mb:gb}GB "
    "--datacenter-id {connection.datacenter_id} --lan-id {connection.lan_id} --cidr {connection.address} "
    "[--maintenance-day {maintenance.day} --maintenance-time {maintenance.time}] "
    "[--backup-location {backup_location}] [--backup-id {from_backup.backup_id}] "
    '[--recovery-time {from_backup.target}] --db-username "$DB_USERNAME" --db-password "$DB_PASSWORD"'
)
"""Those of ionosctl that both APIs have."""


_SWITCH_FLAGS = "".join(f" [{each.flag}={{{each.field}}}]" for each in SWITCHES)


class ClusterCreateArguments(ChangeArguments):
    """What the new cluster is. What is left out comes from --like, else it is small and plain."""

    name: Annotated[str, Positional(), Field(description="Its name")]
    like: Annotated[str | None, Field(description="Take over from this cluster what is not said")] = None
    from_backup: Annotated[str | None, Field(description="Id of the backup that it begins with")] = None
    to: Annotated[str, Field(description="The time in the backup, such as 2026-11-20T10:00Z or 2h")] = ""
    api: Annotated[Literal["v1", "v2"] | None, Field(description="Which API makes it")] = None
    contract: Annotated[str | None, Field(description="Which contract, as app.yaml calls it")] = None
    region: Annotated[str | None, Field(description="Where, such as de/txl")] = None
    version: Annotated[str | None, Field(description="The PostgreSQL major, such as 17")] = None
    instances: Annotated[int | None, Field(description="How many instances, 1 to 5")] = None
    cores: Annotated[int | None, Field(description="Cores of each instance")] = None
    ram: Annotated[int | None, Field(description="RAM of each instance, in whole GB")] = None
    storage: Annotated[int | None, Field(description="Storage of each instance, in GB")] = None
    storage_type: Annotated[str | None, Field(description="v1: HDD, SSD Standard or SSD Premium")] = None
    replication: Annotated[
        Literal["asynchronous", "strictly-synchronous"] | None, Field(description="How standbys follow")
    ] = None
    pooler: Annotated[
        Literal["disabled", "transaction", "session"] | None, Field(description="How connections are pooled")
    ] = None
    datacenter: Annotated[str | None, Field(description="Id of the data centre of its network")] = None
    lan: Annotated[str | None, Field(description="Number of the LAN there")] = None
    address: Annotated[
        str | None, Field(description="Of the primary, with prefix length: 192.168.1.4/24")
    ] = None
    day: Annotated[str | None, Field(description="Day of the maintenance window, in UTC")] = None
    time: Annotated[str | None, Field(description="When that begins, in UTC, such as 03:30:00")] = None
    backup_location: Annotated[str | None, Field(description="Where its backups are kept")] = None
    retention: Annotated[int | None, Field(description="v2: for how many days")] = None
    description: Annotated[str | None, Field(description="v2: a description")] = None
    logs: Annotated[Switch | None, Field(description="v2: ship its logs")] = None
    metrics: Annotated[Switch | None, Field(description="v2: ship its metrics")] = None


async def execute(plan: Plan, act: ExecutionContext) -> str:
    """Send the one request; the id of the new cluster."""
    credentials = await act.credentials(plan.target.as_cluster())
    if credentials is None:
        raise _no_user(plan.target.name)
    made = await act.fleet.create(_NEW.validate_python(plan.order), credentials)
    return made.id


@change(
    execute=execute,
    look=look_for_new,
    examples=(
        "cluster create orders-next --like orders-prod --version 16",
        "cluster create orders-copy --like orders-prod --from-backup 5f4d8a31-6c0e --to 2h",
    ),
    ionosctl={
        Api.V1: f"ionosctl dbaas postgres cluster create --location {{region}} {_FLAGS}"
        " [--storage-type {storage_type:upper}] --sync {replication}",
        Api.V2: f"ionosctl dbaas postgres-v2 cluster create --location {{region:place}} {_FLAGS}"
        ' --database "$DB_NAME" --sync-mode {replication} [--connection-pooler {pooler:upper}]'
        " [--description {description}]" + _SWITCH_FLAGS,
    },
)
async def cluster_create(args: ClusterCreateArguments, ctx: Context) -> Plan:
    """Create a cluster, empty or from a backup.

    What is not said is taken over from --like, or small and plain. Its primary user and the reference to the
    password come from app.yaml: the entry of clusters that matches the new name has to have credentials. No
    password is ever typed.
    """
    like = await ctx.cluster(args.like, certain=True) if args.like else None
    source = await find_source(args.from_backup, args.to, ctx) if args.from_backup else None
    original = CopySource.of(await ctx.left_by(source.backup)) if source else None
    if args.to and source is None:
        raise BadArgument("--to needs a backup.", "Say --from-backup with its id.")
    place = await _place(args, like, source, ctx)
    new = await _new(args, place, source, ctx)
    user = _user(place, ctx)
    check_new(new, user.username, user.database)
    room = await check_room(made(new), ctx)
    return Plan(
        command="cluster create",
        arguments=final_arguments(new, source),
        target=PlanTarget.of(place),
        action=f"Create {new.name}" + (f" from backup {source.backup.id}" if source else ""),
        harm=Harm.NOTICED,
        order=_NEW.dump_python(new, mode="json", exclude_none=True),
        observed={
            "name_is_free": True,
            "backup": source.backup.id if source else None,
            "primary_user": user.username,
            "database": user.database,
        },
        effects=effects(new, user, source, ctx),
        warnings=_warnings(args, original),
        notes=(*_notes(new, like), *room),
        ending=ending(new, source),
        source=original,
    )


async def _place(
    args: ClusterCreateArguments, like: Cluster | None, source: RestorePoint | None, ctx: Context
) -> Cluster:
    """The template under its new name, where it will be. Raises Denied or InputError."""
    backup = source.backup if source else None
    api = Api(args.api) if args.api else backup.api if backup else like.api if like else NEWEST
    contract = args.contract or (backup and backup.contract) or (like and like.contract) or _only(ctx)
    if backup is not None and (api, contract) != (backup.api, backup.contract):
        raise InputError(
            f"Backup {backup.id} is of {backup.api} and contract {backup.contract}: a new cluster from it is "
            "made there as well."
        )
    region = args.region or (backup and backup.region) or (like and like.region)
    if not region:
        raise BadArgument("Where shall it be?", "Say --region, such as de/txl, or --like a cluster.")
    place = replace(
        template(like, api),
        id="",
        api=api,
        contract=contract,
        region=region.strip().lower().replace("-", "/"),
        name=args.name.strip(),
        connections=like.connections if like and same_region(like.region, region) else (),
    )
    if not ctx.may_see(place):
        raise Denied(f"No permission covers a cluster {place.name} there.", "Ask whoever keeps app.yaml.")
    return place


async def _new(
    args: ClusterCreateArguments, place: Cluster, source: RestorePoint | None, ctx: Context
) -> NewCluster:
    """Everything that is sent. Raises InputError."""
    listing = await ctx.clusters()
    clusters = listing.items
    check_name_is_free(place, listing)
    its = source.backup.postgres_version if source else None
    wanted = args.version or place.postgres_version or its
    version = await pick_version(wanted, place, ctx)
    _check_not_older(version, source)
    window = place.maintenance
    return NewCluster(
        api=place.api,
        contract=place.contract,
        region=place.region,
        name=place.name,
        postgres_version=version,
        instances=_number(args.instances, place.instances),
        cores=_number(args.cores, place.cores),
        ram_mb=_megabytes(args.ram, place.ram_mb),
        storage_mb=_megabytes(args.storage, place.storage_mb),
        connection=_connection(args, place, clusters),
        replication=REPLICATION[args.replication] if args.replication else place.replication or "",
        storage_type=args.storage_type or place.storage_type,
        maintenance=_window(args, window),
        pooler=args.pooler or place.pooler,
        backup_location=await pick_backup_location(args.backup_location or place.backup_location, place, ctx),
        backup_retention_days=args.retention
        or place.backup_retention_days
        or DEFAULTS[place.api].retention_days,
        description=args.description,
        **{
            each.field: _switch(getattr(args, each.word, None), getattr(place, each.field))
            for each in SWITCHES
        },
        from_backup=RestoreTo(backup_id=source.backup.id, target=source.target) if source else None,
    )


def _warnings(args: ClusterCreateArguments, original: CopySource | None) -> tuple[str, ...]:
    guess = "That its address is free is a guess: nobody here knows the other machines in the LAN."
    copied = f"It copies the data of {_whose(original)}, with its users." if original else ""
    return tuple(filter(None, ("" if args.address else guess, copied)))


def _whose(original: CopySource) -> str:
    if original.is_gone:
        return f"a cluster that is gone ({original.id or 'of no known id'})"
    return original.name or original.id


def _notes(new: NewCluster, like: Cluster | None) -> tuple[str, ...]:
    taken = (f"What was not said is taken over from {like.name}.",) if like else ()
    return (totals(made(new)), *taken)


def _only(ctx: Context) -> str:
    names = [each.name for each in ctx.settings.ionos.contracts]
    if len(names) != 1:
        raise BadArgument("In which contract?", f"Say --contract with one of {', '.join(names)}.")
    return names[0]


def _user(place: Cluster, ctx: Context) -> CredentialReferences:
    found = ctx.settings.credentials(place)
    if found is None:
        raise _no_user(place.name)
    return found


def _no_user(name: str) -> InputError:
    return InputError(
        f"A new cluster needs a primary user, and app.yaml has none for one called {name}.",
        "Add an entry to its clusters that matches the name and has credentials (username, password "
        "reference, database).",
    )


def _check_not_older(version: str, source: RestorePoint | None) -> None:
    its = source.backup.postgres_version if source else None
    if its and major(version) < major(its):
        raise InputError(
            f"The backup is of PostgreSQL {its}: it restores into that or a newer major, not into {version}."
        )


def _connection(args: ClusterCreateArguments, place: Cluster, clusters: tuple[Cluster, ...]) -> Connection:
    near = place.connections[0] if place.connections else None
    datacenter = args.datacenter or (near and near.datacenter_id)
    lan = args.lan or (near and near.lan_id)
    if not (datacenter and lan and (args.address or near)):
        raise BadArgument(
            "In which network?", "Say --datacenter, --lan and --address, or --like a cluster of the region."
        )
    there = Connection(datacenter_id=datacenter, lan_id=lan, address=near.address if near else None)
    return replace(there, address=args.address or free_address(there, clusters))


def _number(wanted: int | None, present: int | None) -> int:
    return (present or 0) if wanted is None else wanted


def _megabytes(wanted: int | None, present: int | None) -> int:
    return (present or 0) if wanted is None else wanted * MB_PER_GB


def _switch(wanted: str | None, present: bool | None) -> bool | None:  # noqa: FBT001
    return present if wanted is None else wanted == "on"


def _window(args: ClusterCreateArguments, present: MaintenanceWindow | None) -> MaintenanceWindow | None:
    if present is None and args.day is None and args.time is None:
        return None
    window = present or MaintenanceWindow(day=None, time=None)
    return replace(window, day=args.day or window.day, time=args.time or window.time)
