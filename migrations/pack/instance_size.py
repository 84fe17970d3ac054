"""Sizes and network of the cluster to ask v2 for, as far as the rules clear them."""

from dataclasses import dataclass

from bot.domain.cluster import Cluster, Connection
from migrations.pack import placeholders
from migrations.pack.adjustments import Adjustment, AdjustmentLog
from migrations.pack.placeholders import Placeholder
from migrations.rule import Rule
from migrations.rules import pgr005_no_connection as no_connection
from migrations.rules import pgr006_address_forbidden as address_forbidden
from migrations.rules import pgr007_address_in_platform_range as platform_range
from migrations.rules import pgr010_ram_below_minimum as ram_minimum
from migrations.rules import pgr011_ram_above_maximum as ram_maximum
from migrations.rules import pgr012_ram_not_whole_gb as ram_whole
from migrations.rules import pgr013_cores_above_maximum as cores_maximum
from migrations.rules import pgr014_storage_below_minimum as storage_minimum
from migrations.rules import pgr015_storage_not_whole_gb as storage_whole
from migrations.rules import pgr016_instances_out_of_range as instances_range
from migrations.rules import pgr017_storage_above_maximum as storage_maximum

MB_PER_GB = 1024


def fit_instances(cluster: Cluster, log: AdjustmentLog) -> int:
    """Return the number of instances, or leave it blank."""
    return log.keep_number(cluster.instances, placeholders.INSTANCES, instances_range.rule)


def fit_cores(cluster: Cluster, log: AdjustmentLog) -> int:
    """Return the cores per instance, or leave them blank."""
    return log.keep_number(cluster.cores, placeholders.CORES, cores_maximum.rule)


@dataclass(frozen=True, slots=True)
class _Amount:
    """An amount of each instance, and the rules that guard it. `least_mb` is v2's minimum."""

    what: str
    least_mb: int
    blank: Placeholder
    too_little: Rule
    not_whole: Rule
    too_much: Rule


_RAM = _Amount(
    "RAM per instance",
    ram_minimum.MINIMUM_MB,
    placeholders.RAM,
    ram_minimum.rule,
    ram_whole.rule,
    ram_maximum.rule,
)
_STORAGE = _Amount(
    "storage per instance",
    storage_minimum.MINIMUM_MB,
    placeholders.STORAGE,
    storage_minimum.rule,
    storage_whole.rule,
    storage_maximum.rule,
)


def fit_ram_mb(cluster: Cluster, log: AdjustmentLog) -> int:
    """Return MB, rounded up to a whole GB that v2 allows, or leave it blank."""
    return _amount_mb(cluster.ram_mb, _RAM, log)


def fit_storage_mb(cluster: Cluster, log: AdjustmentLog) -> int:
    """Return MB, rounded up to a whole GB that v2 allows (storage cannot shrink), or leave it blank."""
    return _amount_mb(cluster.storage_mb, _STORAGE, log)


def _amount_mb(stated: int | None, amount: _Amount, log: AdjustmentLog) -> int:
    rules = (amount.too_much, amount.too_little, amount.not_whole)
    reason = next(iter(log.found(amount.too_much)), None) or log.unclear(*rules)
    if reason is not None or stated is None:
        reason = reason or log.inconclusive(amount.too_little, "v1's response does not include it")
        return log.number(amount.blank, reason) * MB_PER_GB
    reasons = log.found(amount.too_little, amount.not_whole)
    if not reasons:
        return stated
    fitting = max(-(-stated // MB_PER_GB) * MB_PER_GB, amount.least_mb)
    log.fit(
        Adjustment(
            what=amount.what, before=f"{stated} MB", after=f"{fitting // MB_PER_GB} GB", reasons=reasons
        )
    )
    return fitting


def fit_connection(cluster: Cluster, log: AdjustmentLog) -> Connection:
    """Return the one network; each part that a rule does not clear is left blank."""
    rule = no_connection.rule
    stated = next(iter(cluster.connections), None)
    if stated is None:
        return Connection(
            datacenter_id=log.keep_text(None, placeholders.DATACENTER, rule),
            lan_id=log.keep_text(None, placeholders.LAN, rule),
            address=log.keep_text(None, placeholders.ADDRESS, rule),
        )
    odd = {part: log.inconclusive(rule, why) for part, why in no_connection.find_odd_parts(stated)}

    def keep(part: str, value: str | None, blank: Placeholder) -> str:
        return log.text(blank, odd[part]) if part in odd else str(value)

    address = log.first_reason(address_forbidden.rule, platform_range.rule) or odd.get("cidr")
    return Connection(
        datacenter_id=keep("datacenterId", stated.datacenter_id, placeholders.DATACENTER),
        lan_id=keep("lanId", stated.lan_id, placeholders.LAN),
        address=log.text(placeholders.ADDRESS, address) if address else str(stated.address),
    )
