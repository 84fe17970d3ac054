"""The plan of a new cluster: its arguments, what comes to be, and what it must come to."""

from dataclasses import fields, replace
from typing import Annotated, Literal

from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, InForm, Picks, Positional
from bot.domain.byte_sizes import MB_PER_GB, describe_totals
from bot.domain.cluster import Api, Cluster, Connection, MaintenanceWindow, major_version, same_region
from bot.domain.cluster_properties import LABELS, SWITCHES, format_value, property_heading, read_properties
from bot.domain.cluster_spec import NewCluster, RestoreTo
from bot.domain.errors import BadArgument, Denied, InputError
from bot.domain.maintenance_window import typed_window
from bot.domain.plan import CopySource, ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget, Value
from bot.domain.stored_values import adapter_of
from bot.ionos import request_limits
from bot.settings.model import CredentialReferences
from bot.settings.secrets import resolve_secret
from handlers.shared.argument_types import (
    Day,
    Generation,
    PoolMode,
    RamSize,
    ReplicationMode,
    StorageSize,
    Switch,
)
from handlers.shared.cluster_defaults import (
    DEFAULTS,
    NEWEST,
    check_name_is_free,
    find_free_address,
    make_template,
    pick_backup_location,
    pick_version,
)
from handlers.shared.quota import check_room
from handlers.shared.readiness_effect import add_readiness_effect
from handlers.shared.restore_point import RestorePoint

REPLICATION = {"asynchronous": "ASYNCHRONOUS", "strictly-synchronous": "STRICTLY_SYNCHRONOUS"}
"""The modes that a new cluster may have, as typed and as both APIs call them."""

LIMIT, LIMIT_WITH_DATA = 3_600, 6 * 3_600
"""Seconds. No limit is documented; how long a restore takes depends on how much there is to restore."""

OLD_NAME = "SSD"
"""Of the storage type SSD Premium (ionos-api-notes, section 10). Which name GET tells, no source says."""

_COPIED = "As the similar cluster"
"""The answer that leaves a choice to --like, or to the defaults."""


class ClusterCreateArguments(ChangeArguments):
    """A new cluster; what is left out comes from --like, else it is small and plain."""

    name: Annotated[str, Positional(), InForm(label="Name", hint="")]
    """Name of the cluster"""
    like: Annotated[
        str | None,
        Picks("cluster"),
        InForm(label="Similar cluster", hint="Its settings are filled in where you don't choose your own."),
    ] = None
    """Copy settings that you leave out from this cluster"""
    from_backup: Annotated[
        str | None, Picks("any-backup"), InForm(label="Backup", hint="Also of a cluster that was deleted.")
    ] = None
    """Id of the backup to start from"""
    to: Annotated[
        str,
        Picks("past"),
        InForm(label="Target time", hint="In your own time zone. Leave it empty for all of the backup."),
    ] = ""
    """Target time in the backup, such as 2026-11-20T10:00Z or 2h"""
    user: Annotated[str | None, InForm(label="Name of the primary user", hint="")] = None
    """Name of the primary user, if app.yaml has none for this cluster"""
    password_from: Annotated[
        str | None,
        Picks("reference"),
        InForm(
            label="Reference to the password",
            hint="Where the bot finds the password. app.yaml says which references are allowed.",
        ),
    ] = None
    """Reference to the primary user's password: env:NAME or file:PATH, as app.yaml allows"""
    database: Annotated[
        str | None, InForm(label="First database", hint="If empty, it is named after the primary user.")
    ] = None
    """Name of the first database (default: the name of the primary user)"""
    api: Annotated[Generation | None, InForm(label="API", hint="", unset=_COPIED)] = None
    """API to create it on"""
    contract: Annotated[str | None, InForm(hint="Its name in app.yaml.")] = None
    """Contract, by its name in app.yaml"""
    region: Annotated[str | None, InForm(hint="", example="de/txl")] = None
    """Region, such as de/txl"""
    version: Annotated[str | None, InForm(label="PostgreSQL version", hint="", example="17")] = None
    """PostgreSQL major version, such as 17"""
    instances: Annotated[int | None, InForm(least=1, most=5, hint="")] = None
    """Number of instances, 1 to 5"""
    cores: Annotated[int | None, InForm(label="Cores per instance", least=1, hint="")] = None
    """Cores per instance"""
    ram: RamSize = None
    storage: StorageSize = None
    storage_type: Annotated[
        Literal["HDD", "SSD", "SSD Standard", "SSD Premium"] | None,
        InForm(hint="API v1 only.", unset=_COPIED),
    ] = None
    """Storage type, on v1 only (SSD is SSD Premium)"""
    replication: Annotated[ReplicationMode | None, InForm(hint="", unset=_COPIED)] = None
    """Replication mode of the standbys"""
    pooler: Annotated[PoolMode | None, InForm(label="Connection pooler", hint="", unset=_COPIED)] = None
    """Mode of the pooler"""
    datacenter: Annotated[str | None, InForm(label="Data centre id", hint="")] = None
    """Id of the data centre of the network"""
    lan: Annotated[str | None, InForm(label="LAN number", hint="")] = None
    """Number of the LAN in the data centre"""
    address: Annotated[
        str | None, InForm(hint="If empty, an address that looks free is proposed.", example="192.168.1.4/24")
    ] = None
    """Address of the primary with prefix length, such as 192.168.1.4/24"""
    day: Annotated[Day | None, InForm(label="Maintenance day", hint="In UTC.")] = None
    """Day of the maintenance window, in UTC"""
    time: Annotated[str | None, InForm(label="Maintenance time", hint="In UTC.", example="03:30:00")] = None
    """Start of the maintenance window, in UTC, such as 03:30:00"""
    backup_location: Annotated[str | None, InForm(hint="")] = None
    """Location of the backups"""
    retention: Annotated[int | None, InForm(label="Retention (days)", hint="API v2 only.", least=1)] = None
    """Retention in days, on v2 only"""
    description: Annotated[str | None, InForm(hint="API v2 only.")] = None
    """Description, on v2 only"""
    logs: Annotated[Switch | None, InForm(label="Ship logs", hint="API v2 only.", unset=_COPIED)] = None
    """Ship logs, on v2 only"""
    metrics: Annotated[Switch | None, InForm(label="Ship metrics", hint="API v2 only.", unset=_COPIED)] = None
    """Ship metrics, on v2 only"""


async def plan_cluster(args: ClusterCreateArguments, ctx: Context, point: RestorePoint | None) -> Plan:
    """Return the plan of a new cluster, with the data of `point`. Raises InputError or Denied."""
    like = await ctx.cluster(args.like, certain=True) if args.like else None
    original = CopySource.of(await ctx.cluster_of_backup(point.backup)) if point else None
    if args.to and point is None:
        raise BadArgument("--to needs a backup.", "Add --from-backup with its id.")
    place = await _choose_place(args, like, point, ctx)
    new = await _make_cluster(args, place, point, ctx)
    user = await _find_user(args, new, ctx)
    named = {"user": user.username, "database": user.database, "password_from": str(user.password)}
    room = await check_room(as_cluster(new), ctx)
    plan = Plan(
        command="cluster create",
        arguments=_final_arguments(new, point) | (named if args.password_from else {}),
        target=PlanTarget.of(place),
        action=f"Create {new.name}" + (f" from backup {point.backup.id}" if point else ""),
        harm=Harm.NOTICED,
        order=adapter_of(NewCluster).dump_python(new, mode="json", exclude_none=True),
        observed={
            "name_is_free": True,
            "backup": point.backup.id if point else None,
            "primary_user": user.username,
            "database": user.database,
        },
        effects=_list_effects(new, user, point, ctx),
        warnings=_list_warnings(args, original),
        notes=(*_list_notes(new, like, point), *room),
        ending=ExpectedEnd(limit=LIMIT_WITH_DATA if point else LIMIT, expected=_list_expected(new)),
        source=original,
    )
    chosen = () if new.maintenance else ("properties.maintenanceWindow: chosen by the API",)
    made = replace(as_cluster(new), state="AVAILABLE", oddities=chosen)
    return await add_readiness_effect(plan, None, made, ctx)


async def _choose_place(
    args: ClusterCreateArguments, like: Cluster | None, point: RestorePoint | None, ctx: Context
) -> Cluster:
    """Return the template under its new name, where it will be. Raises Denied or InputError."""
    backup = point.backup if point else None
    api = Api(args.api) if args.api else backup.api if backup else like.api if like else NEWEST
    contract = (
        args.contract or (backup and backup.contract) or (like and like.contract) or _name_only_region(ctx)
    )
    if backup is not None and (api, contract) != (backup.api, backup.contract):
        raise InputError(
            f"Backup {backup.id} belongs to {backup.api} and contract {backup.contract}, so a new cluster "
            "from it must be created there."
        )
    region = args.region or (backup and backup.region) or (like and like.region)
    if not region:
        raise BadArgument(
            "No region was given.", "Add --region, such as de/txl, or --like with the name of a cluster."
        )
    place = replace(
        make_template(like, api),
        id="",
        api=api,
        contract=contract,
        region=region.strip().lower().replace("-", "/"),
        name=args.name.strip(),
        connections=like.connections if like and same_region(like.region, region) else (),
    )
    if not ctx.may_see(place):
        raise Denied(
            f"You have no permission for a cluster called {place.name} in {place.region}.",
            "Ask the people who maintain app.yaml.",
        )
    return place


async def _make_cluster(
    args: ClusterCreateArguments, place: Cluster, point: RestorePoint | None, ctx: Context
) -> NewCluster:
    """Return everything that is sent. Raises InputError."""
    listing = await ctx.clusters()
    check_name_is_free(place, listing)
    return NewCluster(
        api=place.api,
        contract=place.contract,
        region=place.region,
        name=place.name,
        postgres_version=await _choose_version(args, place, point, ctx),
        instances=_choose_number(args.instances, place.instances),
        cores=_choose_number(args.cores, place.cores),
        ram_mb=_choose_number(args.ram, place.ram_mb, unit=MB_PER_GB),
        storage_mb=_choose_number(args.storage, place.storage_mb, unit=MB_PER_GB),
        connection=_choose_connection(args, place, listing.items),
        replication=REPLICATION[args.replication] if args.replication else place.replication or "",
        storage_type=args.storage_type or place.storage_type,
        maintenance=_choose_window(args, place.maintenance),
        pooler=args.pooler or place.pooler,
        backup_location=await pick_backup_location(args.backup_location or place.backup_location, place, ctx),
        backup_retention_days=args.retention
        or place.backup_retention_days
        or DEFAULTS[place.api].retention_days,
        description=args.description,
        **{
            each.field: getattr(place, each.field) if typed is None else typed == "on"
            for each in SWITCHES
            for typed in [getattr(args, each.word, None)]
        },
        from_backup=RestoreTo(backup_id=point.backup.id, target=point.target) if point else None,
    )


def _list_warnings(args: ClusterCreateArguments, original: CopySource | None) -> tuple[str, ...]:
    guess = "Its address may be taken: the bot knows only clusters, not the other machines in the LAN."
    guesses = () if args.address else (guess,)
    if original is None:
        return guesses
    origin = original.name or original.id
    if original.is_gone:
        origin = f"a deleted cluster ({original.id or 'of unknown id'})"
    return (*guesses, f"It will hold a copy of the data and users of {origin}.")


def _list_notes(new: NewCluster, like: Cluster | None, point: RestorePoint | None) -> tuple[str, ...]:
    taken = (f"The other settings are copied from {like.name}.",) if like else ()
    missed = "If the backup does not reach that time, only the new cluster fails."
    doubt = (missed,) if point and not point.is_archived else ()
    return (describe_totals(as_cluster(new)), *taken, *doubt)


def _name_only_region(ctx: Context) -> str:
    names = [each.name for each in ctx.settings.ionos.contracts]
    if len(names) != 1:
        raise BadArgument("No contract was given.", f"Add --contract with one of: {', '.join(names)}.")
    return names[0]


async def _find_user(args: ClusterCreateArguments, new: NewCluster, ctx: Context) -> CredentialReferences:
    """Return the references to the primary user, which the API takes with this cluster.

    Those of app.yaml count before any others: later changes will send them. Raises InputError, or ConfigError
    for a secret that is not there.
    """
    found = ctx.settings.credentials(as_cluster(new))
    if not (args.user or args.database or args.password_from):
        if found is None:
            raise make_missing_user_error(new.name)
        request_limits.check_new(new, found.username, found.database)
        return found
    if found is not None:
        raise BadArgument(
            f"app.yaml has the primary user of a cluster called {new.name} already: {found.username}.",
            "Leave out --user, --database and --password-from.",
        )
    if not (args.user and args.password_from):
        raise BadArgument("The primary user needs a name and a password.", "Give --user and --password-from.")
    given = {"user": args.user, "password_from": args.password_from, "database": args.database or args.user}
    named = ctx.handover.read_primary_user(given)
    if named is None:
        raise make_missing_user_error(new.name)
    password = await resolve_secret(named.password)
    request_limits.check_new(new, named.username, named.database, password)
    return named


def make_missing_user_error(name: str) -> InputError:
    """Return the error of a new cluster that nothing names a primary user for."""
    return InputError(
        f"A new cluster needs a primary user, and app.yaml has none for one called {name}.",
        "Give --user and --password-from with a reference that password_references in app.yaml allows, or "
        "add credentials to an entry of clusters in app.yaml that matches the name.",
    )


async def _choose_version(
    args: ClusterCreateArguments, place: Cluster, point: RestorePoint | None, ctx: Context
) -> str:
    its = point.backup.postgres_version if point else None
    version = await pick_version(args.version or place.postgres_version or its, place, ctx)
    if its and major_version(version) < major_version(its):
        raise InputError(
            f"The backup is from PostgreSQL {its}, so it can't be restored into the older version {version}."
        )
    return version


def _choose_connection(
    args: ClusterCreateArguments, place: Cluster, clusters: tuple[Cluster, ...]
) -> Connection:
    near = place.connections[0] if place.connections else None
    datacenter = args.datacenter or (near and near.datacenter_id)
    lan = args.lan or (near and near.lan_id)
    if not (datacenter and lan and (args.address or near)):
        raise BadArgument(
            "No network was given.",
            "Add --datacenter, --lan and --address, or --like with a cluster of the region.",
        )
    there = Connection(datacenter_id=datacenter, lan_id=lan, address=near.address if near else None)
    return replace(there, address=args.address or find_free_address(there, clusters))


def _choose_number(given: int | None, present: int | None, unit: int = 1) -> int:
    return (present or 0) if given is None else given * unit


def _choose_window(
    args: ClusterCreateArguments, present: MaintenanceWindow | None
) -> MaintenanceWindow | None:
    if present is None and args.day is None and args.time is None:
        return None
    window = present or MaintenanceWindow(day=None, time=None)
    return typed_window(args.day or window.day, args.time or window.time)


def as_cluster(new: NewCluster) -> Cluster:
    """Return the new cluster as both APIs will show it."""
    shared = {each.name for each in fields(NewCluster)} & {each.name for each in fields(Cluster)}
    same = {name: getattr(new, name) for name in shared}
    return Cluster(id="", state="", connections=(new.connection,), **same)


def _final_arguments(new: NewCluster, point: RestorePoint | None) -> dict[str, Value]:
    """Return the arguments that plan this again: everything said, nothing taken over."""
    final: dict[str, Value] = {
        "name": new.name,
        "api": new.api.value,
        "contract": new.contract,
        "region": new.region,
        **spell_settings(as_cluster(new)),
        "from_backup": point.backup.id if point else None,
        "to": point.target.isoformat() if point and point.target else None,
    }
    return {name: value for name, value in final.items() if value is not None}


def spell_settings(cluster: Cluster) -> dict[str, Value]:
    """Return the settings of a cluster, as far as they are known, in words of the command's arguments."""
    near = cluster.connections[0] if cluster.connections else None
    window = cluster.maintenance
    found: dict[str, Value] = {
        "version": cluster.postgres_version,
        "instances": cluster.instances,
        "cores": cluster.cores,
        "ram": cluster.ram_mb and cluster.ram_mb // MB_PER_GB,
        "storage": cluster.storage_mb and cluster.storage_mb // MB_PER_GB,
        "storage_type": cluster.storage_type,
        "replication": next(
            (typed for typed, mode in REPLICATION.items() if mode == cluster.replication), None
        ),
        "pooler": cluster.pooler,
        "datacenter": near.datacenter_id if near else None,
        "lan": near.lan_id if near else None,
        "address": near.address if near else None,
        "day": window.day if window else None,
        "time": window.time if window else None,
        "backup_location": cluster.backup_location,
        "retention": cluster.backup_retention_days,
        "description": cluster.description,
    }
    switches = {each.word: (each.field, getattr(cluster, each.field)) for each in SWITCHES}
    found |= {word: format_value(*switch) for word, switch in switches.items() if switch[1] is not None}
    return {name: value for name, value in found.items() if value is not None}


def _list_effects(
    new: NewCluster, user: CredentialReferences, point: RestorePoint | None, ctx: Context
) -> tuple[PlanEffect, ...]:
    values = read_properties(as_cluster(new))
    place = f"{new.region}, {new.api} API, contract {new.contract}"
    told = [
        ("Location", place),
        *((property_heading(name), format_value(name, values[name])) for name in LABELS if values[name]),
    ]
    if new.storage_type:
        told.append(("Storage type", new.storage_type))
    told.append(("Primary user", f"{user.username}, database {user.database}"))
    if point is not None:
        at = ctx.format_time(point.target) if point.target else "all of it"
        told.append(("Data", f"from backup {point.backup.id}, {at}"))
    return tuple(PlanEffect(what=what, before="", after=after) for what, after in told)


def _list_expected(new: NewCluster) -> dict[str, Value]:
    """Return all that is sent and shown afterwards; what is left to the API is not known yet."""
    typed = new.storage_type if new.storage_type != OLD_NAME else None
    sent = {**read_properties(as_cluster(new)), "storage_type": typed}
    return {name: value for name, value in sent.items() if value not in (None, "")}
