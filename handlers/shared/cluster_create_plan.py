"""The plan of a new cluster: its arguments, what comes to be, and what it must come to."""

from dataclasses import fields, replace
from datetime import timedelta

from bot.commands.context import Context
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
from handlers.shared.cluster_create_arguments import ClusterCreateArguments
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

LIMIT = timedelta(hours=1)
LIMIT_WITH_DATA = timedelta(hours=6)
"""No limit is documented; how long a restore takes depends on how much there is to restore."""

OLD_NAME = "SSD"
"""Of the storage type SSD Premium (ionos-api-notes, section 10). Which name GET tells, no source says."""


async def plan_cluster(args: ClusterCreateArguments, ctx: Context, point: RestorePoint | None) -> Plan:
    """Return the plan of a new cluster, with the data of `point`. Raises InputError or Denied."""
    like = await ctx.cluster(args.like, certain=True) if args.like else None
    original = CopySource.of(await ctx.cluster_of_backup(point.backup)) if point else None
    if args.to and point is None:
        raise BadArgument("--to needs a backup.", "Add --from-backup with its id.")
    place = await _choose_place(args, like, point, ctx)
    new = await _make_cluster(args, place, point, ctx)
    user = await _find_user(args, new, ctx)
    room = await check_room(as_cluster(new), ctx)
    plan = Plan(
        command="cluster create",
        arguments=_final_arguments(new, point) | (_name_user(user) if args.password_from else {}),
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
        ending=_make_end(new, point),
        source=original,
    )
    return await add_readiness_effect(plan, None, _as_made(new), ctx)


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
    clusters = listing.items
    check_name_is_free(place, listing)
    its = point.backup.postgres_version if point else None
    asked = args.version or place.postgres_version or its
    version = await pick_version(asked, place, ctx)
    _check_not_older(version, point)
    window = place.maintenance
    return NewCluster(
        api=place.api,
        contract=place.contract,
        region=place.region,
        name=place.name,
        postgres_version=version,
        instances=_choose_number(args.instances, place.instances),
        cores=_choose_number(args.cores, place.cores),
        ram_mb=_choose_megabytes(args.ram, place.ram_mb),
        storage_mb=_choose_megabytes(args.storage, place.storage_mb),
        connection=_choose_connection(args, place, clusters),
        replication=REPLICATION[args.replication] if args.replication else place.replication or "",
        storage_type=args.storage_type or place.storage_type,
        maintenance=_choose_window(args, window),
        pooler=args.pooler or place.pooler,
        backup_location=await pick_backup_location(args.backup_location or place.backup_location, place, ctx),
        backup_retention_days=args.retention
        or place.backup_retention_days
        or DEFAULTS[place.api].retention_days,
        description=args.description,
        **{
            each.field: _choose_switch(getattr(args, each.word, None), getattr(place, each.field))
            for each in SWITCHES
        },
        from_backup=RestoreTo(backup_id=point.backup.id, target=point.target) if point else None,
    )


def _list_warnings(args: ClusterCreateArguments, original: CopySource | None) -> tuple[str, ...]:
    guess = "Its address may be taken: the bot knows only clusters, not the other machines in the LAN."
    copied = f"It will hold a copy of the data and users of {_describe_origin(original)}." if original else ""
    return tuple(filter(None, ("" if args.address else guess, copied)))


def _describe_origin(original: CopySource) -> str:
    if original.is_gone:
        return f"a deleted cluster ({original.id or 'of unknown id'})"
    return original.name or original.id


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


def _name_user(user: CredentialReferences) -> dict[str, Value]:
    return {"user": user.username, "database": user.database, "password_from": str(user.password)}


def make_missing_user_error(name: str) -> InputError:
    """Return the error of a new cluster that nothing names a primary user for."""
    return InputError(
        f"A new cluster needs a primary user, and app.yaml has none for one called {name}.",
        "Give --user and --password-from with a reference that password_references in app.yaml allows, or "
        "add credentials to an entry of clusters in app.yaml that matches the name.",
    )


def _check_not_older(version: str, point: RestorePoint | None) -> None:
    its = point.backup.postgres_version if point else None
    if its and major_version(version) < major_version(its):
        raise InputError(
            f"The backup is from PostgreSQL {its}, so it can't be restored into the older version {version}."
        )


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


def _choose_number(given: int | None, present: int | None) -> int:
    return (present or 0) if given is None else given


def _choose_megabytes(given: int | None, present: int | None) -> int:
    return (present or 0) if given is None else given * MB_PER_GB


def _choose_switch(given: str | None, present: bool | None) -> bool | None:  # noqa: FBT001
    return present if given is None else given == "on"


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


def _as_made(new: NewCluster) -> Cluster:
    """Return the new cluster once it is there, with what the API will choose marked as not known."""
    chosen = () if new.maintenance else ("properties.maintenanceWindow: chosen by the API",)
    return replace(as_cluster(new), state="AVAILABLE", oddities=chosen)


def _final_arguments(new: NewCluster, point: RestorePoint | None) -> dict[str, Value]:
    """Return the arguments that plan this again: everything said, nothing taken over."""
    window = new.maintenance
    final: dict[str, Value] = {
        "name": new.name,
        "api": new.api.value,
        "contract": new.contract,
        "region": new.region,
        "version": new.postgres_version,
        "instances": new.instances,
        "cores": new.cores,
        "ram": new.ram_mb // MB_PER_GB,
        "storage": new.storage_mb // MB_PER_GB,
        "storage_type": new.storage_type,
        "replication": next(word for word, mode in REPLICATION.items() if mode == new.replication),
        "pooler": new.pooler,
        "datacenter": new.connection.datacenter_id,
        "lan": new.connection.lan_id,
        "address": new.connection.address,
        "day": window.day if window else None,
        "time": window.time if window else None,
        "backup_location": new.backup_location,
        "retention": new.backup_retention_days,
        "description": new.description,
        **{
            each.word: format_value(each.field, switch)
            for each in SWITCHES
            if (switch := getattr(new, each.field)) is not None
        },
        "from_backup": point.backup.id if point else None,
        "to": point.target.isoformat() if point and point.target else None,
    }
    return {name: value for name, value in final.items() if value is not None}


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


def _make_end(new: NewCluster, point: RestorePoint | None) -> ExpectedEnd:
    limit = LIMIT_WITH_DATA if point else LIMIT
    return ExpectedEnd(limit=int(limit.total_seconds()), expected=_list_expected(new))


def _list_expected(new: NewCluster) -> dict[str, Value]:
    """Return all that is sent and shown afterwards; what is left to the API is not known yet."""
    typed = new.storage_type if new.storage_type != OLD_NAME else None
    sent = {**read_properties(as_cluster(new)), "storage_type": typed}
    return {name: value for name, value in sent.items() if value not in (None, "")}
