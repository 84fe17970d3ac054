"""Parts of the plan of a new cluster: its final arguments, its effects, and its expected end."""

from dataclasses import fields
from datetime import timedelta

from bot.commands.context import Context
from bot.domain.byte_sizes import MB_PER_GB
from bot.domain.cluster import Cluster
from bot.domain.cluster_properties import LABELS, SWITCHES, heading, readings, said
from bot.domain.cluster_spec import NewCluster
from bot.domain.plan import ExpectedEnd, PlanEffect, Value
from bot.settings.model import CredentialReferences
from handlers.shared.restore_point import RestorePoint

REPLICATION = {"asynchronous": "ASYNCHRONOUS", "strictly-synchronous": "STRICTLY_SYNCHRONOUS"}
"""The modes that a new cluster may have, as they are typed and as both APIs call them."""

LIMIT = timedelta(hours=1)
LIMIT_WITH_DATA = timedelta(hours=6)
"""None is documented; how long a restore takes depends on how much there is to restore."""

OLD_NAME = "SSD"
"""Of the storage type SSD Premium (ionos-api-notes, section 10). Which name GET tells, no source says."""


def made(new: NewCluster) -> Cluster:
    """Return the cluster as it will read."""
    shared = {each.name for each in fields(NewCluster)} & {each.name for each in fields(Cluster)}
    same = {name: getattr(new, name) for name in shared}
    return Cluster(id="", state="", connections=(new.connection,), **same)


def final_arguments(new: NewCluster, source: RestorePoint | None) -> dict[str, Value]:
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
            each.word: said(each.field, switch)
            for each in SWITCHES
            if (switch := getattr(new, each.field)) is not None
        },
        "from_backup": source.backup.id if source else None,
        "to": source.target.isoformat() if source and source.target else None,
    }
    return {name: value for name, value in final.items() if value is not None}


def effects(
    new: NewCluster, user: CredentialReferences, source: RestorePoint | None, ctx: Context
) -> tuple[PlanEffect, ...]:
    """Return everything that comes to be, beginning with where."""
    values = readings(made(new))
    place = f"{new.region}, {new.api} API, contract {new.contract}"
    told = [("Place", place), *((heading(name), said(name, values[name])) for name in LABELS if values[name])]
    if new.storage_type:
        told.append(("Storage type", new.storage_type))
    told.append(("Primary user", f"{user.username}, database {user.database}"))
    if source is not None:
        at = ctx.format_time(source.target) if source.target else "all of it"
        told.append(("Data", f"of backup {source.backup.id}, {at}"))
    return tuple(PlanEffect(what=what, before="", after=after) for what, after in told)


def ending(new: NewCluster, source: RestorePoint | None) -> ExpectedEnd:
    """Return what it must come to, with the data that it begins with."""
    limit = LIMIT_WITH_DATA if source else LIMIT
    return ExpectedEnd(limit=int(limit.total_seconds()), expected=_expected(new))


def _expected(new: NewCluster) -> dict[str, Value]:
    """Return everything that is sent and that a cluster shows afterwards.

    Of what is left to the API, nothing is known before.
    """
    typed = new.storage_type if new.storage_type != OLD_NAME else None
    sent = {**readings(made(new)), "storage_type": typed}
    return {name: value for name, value in sent.items() if value not in (None, "")}
