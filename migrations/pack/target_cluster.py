"""The cluster that a pack asks v2 for: as it is, and made to fit where the rules do not clear it.

Source: v1-v2-mapping, section 3; the limits are those of ionos-v2.openapi.yaml.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from bot.domain.byte_sizes import MB_PER_GB
from bot.domain.cluster import Api, Cluster, Connection, MaintenanceWindow, host_region
from bot.domain.cluster_properties import SWITCHES
from bot.domain.cluster_spec import Credentials, NewCluster
from bot.domain.text_safety import visible
from migrations.facts import ClusterFacts, MissingFact, is_own
from migrations.identity import V2_REGIONS
from migrations.pack import placeholders
from migrations.pack.adjustments import Adjustment, AdjustmentLog, UncheckedValue
from migrations.pack.placeholders import Blank, Placeholder, Reason
from migrations.rule import Rule
from migrations.rules import pgr002_no_v2_host as no_v2_host
from migrations.rules import pgr005_no_connection as no_connection
from migrations.rules import pgr006_address_forbidden as address_forbidden
from migrations.rules import pgr007_address_in_platform_range as platform_range
from migrations.rules import pgr009_probable_successor as probable_successor
from migrations.rules import pgr010_ram_below_minimum as ram_minimum
from migrations.rules import pgr011_ram_above_maximum as ram_maximum
from migrations.rules import pgr012_ram_not_whole_gb as ram_whole
from migrations.rules import pgr013_cores_above_maximum as cores_maximum
from migrations.rules import pgr014_storage_below_minimum as storage_minimum
from migrations.rules import pgr015_storage_not_whole_gb as storage_whole
from migrations.rules import pgr016_instances_out_of_range as instances_range
from migrations.rules import pgr017_storage_above_maximum as storage_maximum
from migrations.rules import pgr020_synchronous_replication as synchronous
from migrations.rules import pgr021_strict_replication_too_few_instances as too_few_instances
from migrations.rules import pgr030_version_not_offered as version_not_offered
from migrations.rules import pgr032_version_past_deadline as version_past_deadline
from migrations.rules import pgr040_name_breaks_v2_rule as name_rule
from migrations.rules import pgr050_backup_location_not_offered as location_not_offered
from migrations.rules import pgr071_pool_mode_unknown as pool_mode
from migrations.rules import pgr080_maintenance_missing as window_missing
from migrations.rules import pgr081_maintenance_time_form as time_form
from migrations.rules import pgr100_users_leave_the_api as users_leave
from migrations.rules import pgr101_user_names_unfit as user_names
from migrations.rules import pgr102_no_user_fits as no_user_fits
from migrations.rules import pgr103_databases_leave_the_api as databases_leave
from migrations.rules import pgr104_no_database_fits as database_names
from migrations.rules import pgr107_password_to_prepare as password_to_prepare

KEPT_DAYS = 7
"""The days for which v1 keeps backups without being asked."""

SEEN_LOCATIONS = ("eu-central-3", "eu-central-4", "us-central-1")
"""Backup locations to name where v2's own list is not known.

Source: the Object Storage regions of the Terraform provider 6.7.34; its samples and the Ansible collection's
have eu-central-3 for de/txl and de/fra. The complete list of a region is not published.
"""

_MAJOR = re.compile(r"[0-9]{1,3}")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCluster:
    """A cluster of v2, whole: where a value is blank, a sample of the right form stands in its place.

    `basis` is the cluster that it was made from: v2's own where v2 shows it under the same id, else v1's.
    `cluster_id` is its id in v2. Nobody can read the password of its `user`: the one here is a sample, and in
    no file of the pack.
    """

    basis: Cluster
    cluster_id: str
    new: NewCluster
    user: Credentials
    blanks: tuple[Blank, ...]
    fitted: tuple[Adjustment, ...]
    unchecked: tuple[UncheckedValue, ...]

    def blank(self, path: str) -> Blank | None:
        """Return the blank at this place of v2's properties."""
        return next((each for each in self.blanks if each.path == path), None)

    @property
    def is_of_v2(self) -> bool:
        """True where the values are those that v2 shows, not those that v1 would become."""
        return self.basis.api is Api.V2


def build_target(facts: ClusterFacts) -> TargetCluster:
    """Return what to ask v2 for, with every blank and everything that was fitted."""
    basis = facts.v2_cluster if isinstance(facts.v2_cluster, Cluster) else facts.cluster
    log = AdjustmentLog(facts, basis)
    cluster_id, region = _find_id(facts, log), _fit_region(basis, log)
    name, description = _fit_name(basis, log)
    switches: dict[str, Any] = {each.field: bool(getattr(basis, each.field)) for each in SWITCHES}
    new = NewCluster(
        api=Api.V2,
        contract=basis.contract,
        region=region,
        name=name,
        description=description,
        postgres_version=_fit_version(basis, log),
        instances=log.keep(basis.instances, placeholders.INSTANCES, instances_range.rule),
        cores=log.keep(basis.cores, placeholders.CORES, cores_maximum.rule),
        ram_mb=_fit_amount(basis.ram_mb, _RAM, log),
        storage_mb=_fit_amount(basis.storage_mb, _STORAGE, log),
        connection=_fit_connection(basis, log),
        maintenance=_fit_window(basis, log),
        replication=_fit_replication(basis, log),
        pooler=_fit_pooler(basis, log),
        backup_location=_fit_backup_location(basis, log),
        backup_retention_days=basis.backup_retention_days or KEPT_DAYS,
        **switches,
    )
    user = Credentials(
        username=_pick_username(log), database=_pick_database(log), password=_leave_password(log)
    )
    return TargetCluster(
        basis=basis,
        cluster_id=cluster_id,
        new=new,
        user=user,
        blanks=tuple(log.blanks),
        fitted=tuple(log.fitted),
        unchecked=tuple(log.unchecked),
    )


def _find_id(facts: ClusterFacts, log: AdjustmentLog) -> str:
    """Return the id in v2; blank where v2 shows a probable successor under another one."""
    if isinstance(facts.v2_cluster, Cluster):
        return facts.v2_cluster.id
    if facts.v2_successor is not None:
        rule = probable_successor.rule
        reason = log.first_reason(rule) or Reason(rule=rule, text=rule.title)
        log.leave(placeholders.CLUSTER_ID, reason, (facts.v2_successor.id,))
    return facts.cluster.id


def _fit_region(basis: Cluster, log: AdjustmentLog) -> str:
    """Return the region of v2's host; v2 was asked at it for its own clusters. Else leave it and the host
    blank."""
    home = log.facts.home
    region = host_region(basis.region) if basis.api is Api.V2 else home.v2_region
    if region in V2_REGIONS:
        return str(region)
    reason = log.first_reason(no_v2_host.rule) or log.inconclusive(no_v2_host.rule, home.why_unknown)
    log.leave(placeholders.HOST, reason)
    return log.leave(placeholders.REGION, reason)


def _fit_name(cluster: Cluster, log: AdjustmentLog) -> tuple[str, str | None]:
    """Return name and description: a name that v2 does not allow is the description of one made from it."""
    stated, description = cluster.name, _described(cluster.description) if cluster.description else None
    reasons = log.found(name_rule.rule)
    if not reasons:
        return log.keep(stated, placeholders.NAME, name_rule.rule), description
    words = (_NOT_IN_NAMES.sub("-", text)[:63].strip("-._") for text in (stated, f"cluster-{cluster.id[:8]}"))
    fitting = next((word for word in words if name_rule.FITS_V2.fullmatch(word)), "cluster")
    log.fitted.append(Adjustment(what="name", before=stated, after=fitting, reasons=reasons))
    return fitting, _described(stated)


def _described(text: str) -> str:
    # Filling in the blanks by search and replace must not put the password into a description.
    return visible(text).replace("<V2_", "V2_")


def _fit_version(cluster: Cluster, log: AdjustmentLog) -> str:
    """Return the version that v2 offers, or leave it blank with those on offer.

    Where v2's list is not known the version is kept, and said to be unchecked.
    """
    stated, listed = cluster.postgres_version, log.facts.v2_versions
    offers = () if isinstance(listed, MissingFact) else tuple(each.name for each in listed)
    unlisted = log.unclear(version_not_offered.rule)
    is_past = log.first_reason(version_past_deadline.rule) is not None
    if unlisted is None or is_past or not _MAJOR.fullmatch(stated or ""):
        rules = (version_past_deadline.rule, version_not_offered.rule)
        return log.keep(stated, placeholders.VERSION, *rules, offers=offers)
    log.unchecked.append(UncheckedValue(what="version", value=str(stated), reason=unlisted))
    return str(stated)


@dataclass(frozen=True, slots=True)
class _Amount:
    """An amount of each instance, and the rules that guard it. `least_mb` is v2's minimum."""

    what: str
    least_mb: int
    blank: Placeholder[int]
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


def _fit_amount(stated: int | None, amount: _Amount, log: AdjustmentLog) -> int:
    """Return MB, rounded up to a whole GB that v2 allows (storage cannot shrink), or leave it blank."""
    rules = (amount.too_much, amount.too_little, amount.not_whole)
    reason = next(iter(log.found(amount.too_much)), None) or log.unclear(*rules)
    if reason is not None or stated is None:
        return log.leave(amount.blank, reason or log.inconclusive(amount.too_little)) * MB_PER_GB
    reasons = log.found(amount.too_little, amount.not_whole)
    if not reasons:
        return stated
    fitting = max(-(-stated // MB_PER_GB) * MB_PER_GB, amount.least_mb)
    before, after = f"{stated} MB", f"{fitting // MB_PER_GB} GB"
    log.fitted.append(Adjustment(what=amount.what, before=before, after=after, reasons=reasons))
    return fitting


def _fit_connection(cluster: Cluster, log: AdjustmentLog) -> Connection:
    """Return the one network; each part that a rule does not clear is left blank."""
    rule = no_connection.rule
    stated = next(iter(cluster.connections), None)
    if stated is None:
        return Connection(
            datacenter_id=log.keep(None, placeholders.DATACENTER, rule),
            lan_id=log.keep(None, placeholders.LAN, rule),
            address=log.keep(None, placeholders.ADDRESS, rule),
        )
    odd = {part: log.inconclusive(rule, why) for part, why in no_connection.find_odd_parts(stated)}

    def keep(part: str, value: str | None, blank: Placeholder[str]) -> str:
        return log.leave(blank, odd[part]) if part in odd else str(value)

    address = log.first_reason(address_forbidden.rule, platform_range.rule) or odd.get("cidr")
    return Connection(
        datacenter_id=keep("datacenterId", stated.datacenter_id, placeholders.DATACENTER),
        lan_id=keep("lanId", stated.lan_id, placeholders.LAN),
        address=log.leave(placeholders.ADDRESS, address) if address else str(stated.address),
    )


def _fit_window(cluster: Cluster, log: AdjustmentLog) -> MaintenanceWindow:
    """Return the maintenance window; day and time are left blank each by itself."""
    stated = cluster.maintenance or MaintenanceWindow(day=None, time=None)
    day, time = stated.day or "", stated.time or ""
    if day not in window_missing.DAYS:
        day = log.keep(None, placeholders.DAY, window_missing.rule)
    rule = time_form.rule if time else window_missing.rule
    return MaintenanceWindow(day=day, time=log.keep(time or None, placeholders.TIME, rule))


def _fit_replication(cluster: Cluster, log: AdjustmentLog) -> str:
    """Return the mode, or leave it blank where v2 has none such, or wants more instances for it."""
    reason = log.first_reason(synchronous.rule) or next(iter(log.found(too_few_instances.rule)), None)
    mode = cluster.replication
    if reason is not None or mode is None:
        return log.keep(None, placeholders.REPLICATION, synchronous.rule, too_few_instances.rule)
    unclear = log.unclear(too_few_instances.rule)
    if unclear is not None:
        log.unchecked.append(UncheckedValue(what="replication mode", value=mode, reason=unclear))
    return mode


def _fit_pooler(cluster: Cluster, log: AdjustmentLog) -> str:
    """Return disabled, transaction or session. Absent is off; on without a mode is v1's default mode."""
    mode = (cluster.pooler if cluster.pooler is not None else "disabled").lower()
    reasons = log.found(pool_mode.rule)
    if mode or not reasons:
        return log.keep(mode, placeholders.POOLER, pool_mode.rule)
    fitted = Adjustment(what="connection pooler", before="on, no mode", after="transaction", reasons=reasons)
    log.fitted.append(fitted)
    return fitted.after


def _fit_backup_location(basis: Cluster, log: AdjustmentLog) -> str:
    """Return the location if v2 lists it, or leave it blank with those on offer."""
    listed, rule = log.facts.v2_locations, location_not_offered.rule
    offers = SEEN_LOCATIONS if isinstance(listed, MissingFact) else tuple(each.name for each in listed)
    return log.keep(basis.backup_location, placeholders.BACKUP_LOCATION, rule, offers=offers)


def _pick_username(log: AdjustmentLog) -> str:
    """Return the cluster's own user whose name v2 takes. With several, only the owner knows which."""
    users = () if isinstance(log.facts.users, MissingFact) else log.facts.users
    names = [each.name for each in users if is_own(each) and not user_names.misfit(each.name)]
    return _pick_only(names, placeholders.USERNAME, no_user_fits.rule, users_leave.rule, log)


def _pick_database(log: AdjustmentLog) -> str:
    """Return the cluster's own database whose name v2 takes; any that is in use will do."""
    databases = () if isinstance(log.facts.databases, MissingFact) else log.facts.databases
    names = [each.name for each in databases if is_own(each) and database_names.FITS_V2.fullmatch(each.name)]
    return _pick_only(names, placeholders.DATABASE, database_names.rule, databases_leave.rule, log)


def _pick_only(
    names: Sequence[str], blank: Placeholder[str], none_fits: Rule, several: Rule, log: AdjustmentLog
) -> str:
    if len(names) != 1 and log.first_reason(none_fits) is None:
        text = "v2 has one primary user, and v1 does not say which one it is"
        return log.leave(blank, Reason(rule=several, text=text), tuple(sorted(names)))
    return log.keep(names[0] if len(names) == 1 else None, blank, none_fits)


def _leave_password(log: AdjustmentLog) -> SecretStr:
    """Leave the password blank: no API shows it. Return its sample."""
    text = "Neither API shows it, and v2 sets it whenever you send it"
    return SecretStr(log.leave(placeholders.PASSWORD, Reason(rule=password_to_prepare.rule, text=text)))
