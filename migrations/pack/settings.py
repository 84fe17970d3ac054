"""Name, version and choices of the cluster to ask v2 for, as far as the rules clear them."""

import re
from dataclasses import dataclass

from bot.domain.cluster import Cluster, MaintenanceWindow
from bot.domain.text_safety import visible
from migrations.facts import ClusterFacts, MissingFact
from migrations.pack import placeholders
from migrations.pack.adjustments import Adjustment, AdjustmentLog, UncheckedValue
from migrations.rules import pgr020_synchronous_replication as synchronous
from migrations.rules import pgr021_strict_replication_too_few_instances as too_few_instances
from migrations.rules import pgr030_version_not_offered as version_not_offered
from migrations.rules import pgr032_version_past_deadline as version_past_deadline
from migrations.rules import pgr040_name_breaks_v2_rule as name_rule
from migrations.rules import pgr050_backup_location_not_offered as location_not_offered
from migrations.rules import pgr071_pool_mode_unknown as pool_mode
from migrations.rules import pgr080_maintenance_missing as window_missing
from migrations.rules import pgr081_maintenance_time_form as time_form

_MAJOR = re.compile(r"[0-9]{1,3}")

SEEN_LOCATIONS = ("eu-central-3", "eu-central-4", "us-central-1")
"""Backup locations to name where v2's own list is not known.

Source: the Object Storage regions of the Terraform provider 6.7.34; its samples and the Ansible collection's
have eu-central-3 for de/txl and de/fra. The complete list of a region is not published.
"""


@dataclass(frozen=True, slots=True)
class ClusterNaming:
    """A cluster's name and description."""

    name: str
    description: str | None


def fit_name(cluster: Cluster, log: AdjustmentLog) -> ClusterNaming:
    """Return the name where v2 allows it; else one made from it, and the old one as description."""
    stated, description = cluster.name, _described(cluster.description) if cluster.description else None
    reasons = log.found(name_rule.rule)
    if not reasons:
        return ClusterNaming(log.keep_text(stated, placeholders.NAME, name_rule.rule), description)
    fitting = _fitting(stated, cluster.id)
    log.fit(Adjustment(what="name", before=stated, after=fitting, reasons=reasons))
    return ClusterNaming(fitting, _described(stated))


def _described(text: str) -> str:
    # Filling in the blanks by search and replace must not put the password into a description.
    return visible(text).replace("<V2_", "V2_")


def _fitting(stated: str, cluster_id: str) -> str:
    for text in (stated, f"cluster-{cluster_id[:8]}"):
        word = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:63].strip("-._")
        if name_rule.FITS_V2.fullmatch(word):
            return word
    return "cluster"


def fit_version(cluster: Cluster, log: AdjustmentLog) -> str:
    """Return the version that v2 offers, or leave it blank with those on offer.

    Where v2's list is not known the version is kept, and said to be unchecked.
    """
    stated, listed = cluster.postgres_version, log.facts.v2_versions
    offers = () if isinstance(listed, MissingFact) else tuple(each.name for each in listed)
    unlisted = log.unclear(version_not_offered.rule)
    is_past = log.first_reason(version_past_deadline.rule) is not None
    if unlisted is None or is_past or not _MAJOR.fullmatch(stated or ""):
        rules = (version_past_deadline.rule, version_not_offered.rule)
        return log.keep_text(stated, placeholders.VERSION, *rules, offers=offers)
    log.leave_unchecked(UncheckedValue(what="version", value=str(stated), reason=unlisted))
    return str(stated)


def fit_window(cluster: Cluster, log: AdjustmentLog) -> MaintenanceWindow:
    """Return the maintenance window; day and time are left blank each by itself."""
    stated = cluster.maintenance or MaintenanceWindow(day=None, time=None)
    day, time = stated.day or "", stated.time or ""
    if day not in window_missing.DAYS:
        day = log.keep_text(None, placeholders.DAY, window_missing.rule)
    rule = time_form.rule if time else window_missing.rule
    return MaintenanceWindow(day=day, time=log.keep_text(time or None, placeholders.TIME, rule))


def fit_replication(cluster: Cluster, log: AdjustmentLog) -> str:
    """Return the mode, or leave it blank where v2 has none such, or wants more instances for it."""
    reason = log.first_reason(synchronous.rule) or next(iter(log.found(too_few_instances.rule)), None)
    mode = cluster.replication
    if reason is not None or mode is None:
        return log.keep_text(None, placeholders.REPLICATION, synchronous.rule, too_few_instances.rule)
    unclear = log.unclear(too_few_instances.rule)
    if unclear is not None:
        log.leave_unchecked(UncheckedValue(what="replication mode", value=mode, reason=unclear))
    return mode


def fit_pooler(cluster: Cluster, log: AdjustmentLog) -> str:
    """Return disabled, transaction or session. Absent is off; on without a mode is v1's default mode."""
    mode = (cluster.pooler if cluster.pooler is not None else "disabled").lower()
    reasons = log.found(pool_mode.rule)
    if mode or not reasons:
        return log.keep_text(mode, placeholders.POOLER, pool_mode.rule)
    log.fit(Adjustment(what="connection pooler", before="on, no mode", after="transaction", reasons=reasons))
    return "transaction"


def fit_backup_location(facts: ClusterFacts, basis: Cluster, log: AdjustmentLog) -> str:
    """Return the location if v2 lists it, or leave it blank with those on offer."""
    listed = facts.v2_locations
    offered = SEEN_LOCATIONS if isinstance(listed, MissingFact) else tuple(each.name for each in listed)
    return log.keep_text(
        basis.backup_location, placeholders.BACKUP_LOCATION, location_not_offered.rule, offers=offered
    )
