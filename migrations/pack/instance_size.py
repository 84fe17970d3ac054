"""Sizes and network of the cluster to ask v2 for. Limits: ionos-v2.openapi.yaml, InstanceConfiguration."""

from dataclasses import dataclass
from ipaddress import IPv4Interface
from uuid import UUID

from bot.domain.cluster import Cluster, Connection
from migrations.pack import placeholders
from migrations.pack.adjustments import Adjustment, AdjustmentLog
from migrations.pack.placeholders import Placeholder
from migrations.rules.pgr005_no_connection import LAN
from migrations.rules.pgr006_address_forbidden import FORBIDDEN

MB_PER_GB = 1024
NOT_STATED = "The API's answer does not say it"


def fit_instances(cluster: Cluster, log: AdjustmentLog) -> int:
    """Return 1 to 5, or leave it blank."""
    if cluster.instances is not None and 1 <= cluster.instances <= 5:
        return cluster.instances
    return log.number(_unfit(placeholders.INSTANCES, cluster.instances, "PGR016"))


def fit_cores(cluster: Cluster, log: AdjustmentLog) -> int:
    """Return 1 to 62, or leave it blank."""
    if cluster.cores is not None and 1 <= cluster.cores <= 62:
        return cluster.cores
    return log.number(_unfit(placeholders.CORES, cluster.cores, "PGR013"))


@dataclass(frozen=True, slots=True)
class _Amount:
    """An amount of each instance, in whole GB from `least` to `most`, and the rules that guard them."""

    what: str
    least: int
    most: int
    blank: Placeholder
    too_little: str
    not_whole: str
    too_much: str


_RAM = _Amount("RAM per instance", 4, 240, placeholders.RAM, "PGR010", "PGR012", "PGR011")
_STORAGE = _Amount("storage per instance", 10, 4096, placeholders.STORAGE, "PGR014", "PGR015", "")


def fit_ram_mb(cluster: Cluster, log: AdjustmentLog) -> int:
    """Return MB, rounded up to a whole GB that v2 allows, or leave it blank."""
    return _amount_mb(cluster.ram_mb, _RAM, log)


def fit_storage_mb(cluster: Cluster, log: AdjustmentLog) -> int:
    """Return MB, rounded up to a whole GB that v2 allows (storage cannot shrink), or leave it blank."""
    return _amount_mb(cluster.storage_mb, _STORAGE, log)


def _amount_mb(stated: int | None, amount: _Amount, log: AdjustmentLog) -> int:
    if stated is None or not 0 < stated <= amount.most * MB_PER_GB:
        return log.number(_unfit(amount.blank, stated, amount.too_much)) * MB_PER_GB
    gigabytes = max(-(-stated // MB_PER_GB), amount.least)
    if gigabytes * MB_PER_GB != stated:
        is_whole = stated % MB_PER_GB == 0
        log.fit(
            Adjustment(
                what=amount.what,
                before=f"{stated} MB",
                after=f"{gigabytes} GB",
                why=f"v2 counts whole GB, from {amount.least} GB on",
                rule=amount.too_little if is_whole else amount.not_whole,
            )
        )
    return gigabytes * MB_PER_GB


def fit_connection(cluster: Cluster, log: AdjustmentLog) -> Connection:
    """Return the one network; each part that is missing or that v2 would refuse is left blank."""
    if not cluster.connections:
        why = "The cluster is in no network"
        return Connection(
            datacenter_id=log.text(placeholders.DATACENTER.because(why, "PGR005")),
            lan_id=log.text(placeholders.LAN.because(why, "PGR005")),
            address=log.text(placeholders.ADDRESS.because(why, "PGR005")),
        )
    stated = cluster.connections[0]
    return Connection(
        datacenter_id=_datacenter(stated.datacenter_id, log),
        lan_id=_lan(stated.lan_id, log),
        address=_address(stated.address, log),
    )


def _datacenter(stated: str | None, log: AdjustmentLog) -> str:
    try:
        return str(UUID(stated or ""))
    except ValueError:
        return log.text(_unfit(placeholders.DATACENTER, stated, "PGR005"))


def _lan(stated: str | None, log: AdjustmentLog) -> str:
    if stated and LAN.fullmatch(stated):
        return stated
    return log.text(_unfit(placeholders.LAN, stated, "PGR005"))


def _address(stated: str | None, log: AdjustmentLog) -> str:
    try:
        host = IPv4Interface(stated or "")
    except ValueError:
        host = None
    if host is None:
        return log.text(_unfit(placeholders.ADDRESS, stated, "PGR006"))
    if "/" not in (stated or ""):
        return log.text(placeholders.ADDRESS.because(f"v1 has {host.ip} without a prefix length", "PGR005"))
    if host.ip in FORBIDDEN:
        return log.text(placeholders.ADDRESS.because(f"v1 has {host}, which v2 forbids", "PGR006"))
    return str(host)


def _unfit(blank: Placeholder, stated: object, rule: str = "") -> Placeholder:
    if stated is None:
        return blank.because(NOT_STATED)
    return blank.because(f"The API says {stated}, which v2 does not take", rule)
