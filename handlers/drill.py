"""`/pg drill`: prove that a cluster's newest backup can be restored, in a cluster made for it and deleted."""

import re
import secrets
from ipaddress import IPv4Interface
from typing import Annotated

from pydantic import SecretStr

from bot.changes.operation import ExecutionContext, probe_new, require_readable
from bot.changes.service import ALPHABET, ID_LENGTH
from bot.commands.context import Context
from bot.commands.declaration import InForm, Picks, Task, change, consequences, headline, known_as
from bot.domain.api_capabilities import Operation, is_offered
from bot.domain.byte_sizes import format_cores
from bot.domain.cluster import Api, Cluster, Connection, MaintenanceWindow
from bot.domain.cluster_spec import Credentials, NewCluster, RestoreTo
from bot.domain.errors import BadArgument, InputError
from bot.domain.plan import ExpectedEnd, Harm, Plan, PlanEffect, PlanTarget, Value
from bot.ionos import request_limits
from handlers.shared.argument_types import ClusterChangeArguments
from handlers.shared.cluster_create_plan import as_cluster
from handlers.shared.cluster_defaults import find_free_address, list_addresses
from handlers.shared.quota import SETTING, check_room, has_quota
from handlers.shared.readiness_effect import add_readiness_effect
from handlers.shared.restore_point import RestorePoint, choose_backup

LIMIT = 6 * 3_600
"""Seconds. A restore that takes longer counts as failed; the cluster is deleted then, too."""

NAME = re.compile(rf"drill-[{ALPHABET}]{{{ID_LENGTH}}}")

USER = "pgbot_drill"
"""User of the throw-away cluster; its password is made for the request, and nobody ever gets it."""

NO_QUOTA = (
    f"The contract's quota is unknown: no API reports it, and {SETTING} is not set. If the quota is used "
    "up, IONOS refuses the cluster and creates nothing."
)


_PROPOSED = (
    "No cluster that you may see has the address {}, but another machine in the LAN may. If so, choose a "
    "free one with --address."
)

HAS_EVERYTHING = "Until it is deleted, it has all data of the backup, including users and their passwords."


class DrillArguments(ClusterChangeArguments):
    backup: Annotated[str, Picks("backup"), InForm(hint="If empty, the latest one.")] = ""
    """Id of the backup to restore (default: the latest)"""
    address: Annotated[
        str,
        InForm(
            hint="A free address in the LAN of the cluster. If empty, one is proposed.", example="10.1.2.9/24"
        ),
    ] = ""
    """Free address in the cluster's LAN, such as 10.1.2.9/24 (default: proposed)"""
    name: Annotated[
        str,
        InForm(
            label="Name of the temporary cluster", hint="drill- and six letters. If empty, one is made up."
        ),
    ] = ""
    """Name of the temporary cluster: drill- and six letters"""


async def execute(plan: Plan, act: ExecutionContext) -> str:
    """Send the one request that makes the throw-away cluster; deleting it is the workflow's."""
    password = SecretStr(f"{secrets.token_hex(20)}aA1!")
    new = _make_cluster(plan.subject, plan.order)
    cluster = await act.create(new, Credentials(username=USER, password=password, database=USER))
    return cluster.id


@known_as("rehearse", "test a backup", "test the backup", "test a restore")
@headline(Task.RESTORE)
@consequences(
    harm=Harm.NOTICED,
    loses="nothing; a cluster with a copy of the data exists until it is deleted",
    undo="not needed; the new cluster is deleted automatically",
    stops=("no address is free", "the quota is used up", "no backup can be restored"),
)
@change(
    execute=execute,
    probe=probe_new,
    schedulable=True,
    examples=("drill orders-prod", "drill orders-prod --address 10.1.2.9/24"),
)
async def drill(args: DrillArguments, ctx: Context) -> Plan:
    """Test that a cluster's latest backup can be restored.

    The backup is restored into a temporary cluster with one instance in the same LAN, which is always deleted
    afterwards. The cluster itself is not touched. “change show” shows how long the restore took.
    """
    cluster = await ctx.cluster(args.cluster, certain=True)
    point = choose_backup(args.backup, cluster, await ctx.fleet.backups(cluster), ctx.now())
    backup, listing = point.backup.id, await ctx.clusters()
    others = listing.items
    name = _choose_name(args.name, others)
    throwaway = PlanTarget.of(cluster).model_copy(update={"id": "", "name": name})
    require_readable(throwaway, listing.gaps)
    order = _make_order(cluster, backup, name, _choose_address(args.address, cluster, others))
    new = _make_cluster(throwaway, order)
    _check_new_cluster(cluster, new)
    room = await check_room(as_cluster(new), ctx) if has_quota(cluster.contract, ctx) else (NO_QUOTA,)
    plan = Plan(
        command="drill",
        arguments={"cluster": cluster.id, "backup": backup, "address": order["address"], "name": name},
        target=PlanTarget.of(cluster),
        throwaway=throwaway,
        action=f"Drill a restore of {cluster.name}",
        harm=Harm.NOTICED,
        order=order,
        # The cluster is left alone, so its whole configuration does not matter, nor when it was last changed:
        # a new user or another window alters nothing of the drill. It rests on the backup, and on what it
        # takes over from the cluster: size, version and network, which the order has.
        observed={"backup": backup, "restorable": True},
        effects=_list_effects(cluster, point, order, ctx),
        warnings=() if args.address else (_PROPOSED.format(order["address"]),),
        notes=(*room, HAS_EVERYTHING),
        ending=ExpectedEnd(
            limit=LIMIT, usual=30 * 60, expected={"postgres_version": cluster.postgres_version}
        ),
    )
    return await add_readiness_effect(plan, cluster, cluster, ctx)


def _choose_name(typed: str, others: tuple[Cluster, ...]) -> str:
    """Return the given name, as a repeated plan has it, else a new one. Raises InputError for one in use."""
    name = typed or "drill-" + "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
    if not NAME.fullmatch(name):
        raise BadArgument(
            "The name of a drill's cluster must be drill- and six letters or digits.", "Leave --name out."
        )
    if any(each.name == name for each in others):
        raise InputError(f"A cluster called {name} already exists.", "Leave --name out to get another one.")
    return name


def _choose_address(typed: str, cluster: Cluster, others: tuple[Cluster, ...]) -> str:
    """Return the throw-away cluster's address in the LAN. Raises InputError when none can be proposed."""
    network = cluster.connections[0] if cluster.connections else None
    lan = _parse_interface(network.address) if network else None
    if network is None or lan is None:
        raise InputError(
            f"{cluster.name} is not attached to a network, and a drill needs one.",
            "Attach it first, with “cluster network”.",
        )
    if not typed:
        return find_free_address(network, others)
    given, ends = _parse_interface(typed), {lan.network.network_address, lan.network.broadcast_address}
    if given is None or given.ip not in lan.network or given.ip in ends:
        raise BadArgument(
            f"The address must be in {lan.network}, and not its first or last one.",
            "Leave --address out to get one proposed.",
        )
    if str(given.ip) in list_addresses(network, others):
        raise InputError(f"{given.ip} belongs to another cluster.", "Choose a free address.")
    return f"{given.ip}/{lan.network.prefixlen}"


def _parse_interface(text: str | None) -> IPv4Interface | None:
    try:
        return IPv4Interface(text or "")
    except ValueError:
        return None


def _check_new_cluster(cluster: Cluster, new: NewCluster) -> None:
    """Raise InputError for a cluster that its API would not create beside this one."""
    try:
        request_limits.check_new(new, USER, USER)
    except BadArgument as error:
        raise InputError(
            f"The {cluster.api} API can't create a second cluster like {cluster.name}: {error.sentence}",
            error.next_step or "Fix that first: a drill uses the size and the network of its cluster.",
        ) from None


def _make_order(cluster: Cluster, backup: str, name: str, address: str) -> dict[str, Value]:
    """Return everything that is sent, but the password; sizes are in MB."""
    network, window = cluster.connections[0], cluster.maintenance
    sizes = {"cores": cluster.cores, "ram_mb": cluster.ram_mb, "storage_mb": cluster.storage_mb}
    unsaid = [key for key, value in {**sizes, "version": cluster.postgres_version}.items() if value is None]
    if unsaid:
        raise InputError(
            f"The API does not report the size of {cluster.name} ({', '.join(unsaid)}), and a drill needs it."
        )
    retention = is_offered(Operation.BACKUP_RETENTION, cluster.api)
    has_type = is_offered(Operation.STORAGE_TYPE, cluster.api)
    return {
        "name": name,
        "backup_id": backup,
        "postgres_version": cluster.postgres_version,
        **sizes,
        "storage_type": cluster.storage_type if has_type else None,
        "datacenter_id": network.datacenter_id,
        "lan_id": network.lan_id,
        "address": address,
        "maintenance_day": window.day if window else None,
        "maintenance_time": window.time if window else None,
        "backup_location": cluster.backup_location,
        "backup_retention_days": 1 if retention else None,
    }


def _make_cluster(target: PlanTarget, order: dict[str, Value]) -> NewCluster:
    day, time = _to_text(order["maintenance_day"]), _to_text(order["maintenance_time"])
    days = order["backup_retention_days"]
    return NewCluster(
        api=Api(target.api),
        contract=target.contract,
        region=target.region,
        name=target.name,
        postgres_version=str(order["postgres_version"]),
        instances=1,
        cores=_to_number(order["cores"]),
        ram_mb=_to_number(order["ram_mb"]),
        storage_mb=_to_number(order["storage_mb"]),
        storage_type=_to_text(order["storage_type"]),
        connection=Connection(
            datacenter_id=_to_text(order["datacenter_id"]),
            lan_id=_to_text(order["lan_id"]),
            address=_to_text(order["address"]),
        ),
        maintenance=MaintenanceWindow(day=day, time=time) if day and time else None,
        backup_location=_to_text(order["backup_location"]),
        backup_retention_days=_to_number(days) if days else None,
        from_backup=RestoreTo(backup_id=str(order["backup_id"])),
    )


def _to_text(value: Value) -> str | None:
    return None if value is None else str(value)


def _to_number(value: Value) -> int:
    return int(str(value))


def _list_effects(
    cluster: Cluster, point: RestorePoint, order: dict[str, Value], ctx: Context
) -> tuple[PlanEffect, ...]:
    size = (
        f"1 instance with {format_cores(_to_number(order['cores']))}, "
        f"{_to_number(order['ram_mb']) // 1024} GB RAM "
        f"and {_to_number(order['storage_mb']) // 1024} GB storage"
    )
    newest = point.window.newest
    end = "up to the last changes that have reached it" if point.is_growing else ""
    state = f", {end or f'as of {ctx.format_time(newest)}'}" if newest else ""
    return (
        PlanEffect(what=cluster.name, before=cluster.state, after="not touched"),
        PlanEffect(what="New cluster", before="", after=f"{order['name']}, deleted at the end"),
        PlanEffect(what="Size", before="", after=size),
        PlanEffect(what="Address", before="", after=f"{order['address']} in LAN {order['lan_id']}"),
        PlanEffect(what="From backup", before="", after=f"{point.backup.id}{state}", is_detail=True),
    )
