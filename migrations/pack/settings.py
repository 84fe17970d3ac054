"""Name, version and choices of the cluster to ask v2 for. Source: ionos-v2.openapi.yaml, Cluster."""

import re
from dataclasses import dataclass

from bot.domain.cluster import Cluster, MaintenanceWindow
from bot.domain.text_safety import visible
from migrations.facts import ClusterFacts, MissingFact
from migrations.pack import placeholders
from migrations.pack.adjustments import Adjustment, AdjustmentLog
from migrations.pack.instance_size import NOT_STATED
from migrations.rules.pgr040_name_breaks_v2_rule import FITS_V2
from migrations.rules.pgr080_maintenance_missing import DAYS

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
_MAJOR = re.compile(r"[0-9]{1,3}")
_LOCATION = re.compile(r"[A-Za-z0-9-]{1,63}")
_POOLERS = frozenset({"disabled", "transaction", "session"})


@dataclass(frozen=True, slots=True)
class ClusterNaming:
    """A cluster's name and description."""

    name: str
    description: str | None


def fit_name(cluster: Cluster, log: AdjustmentLog) -> ClusterNaming:
    """Return the name where v2 allows it; else one made from it, and the old one as description."""
    stated, description = cluster.name, _described(cluster.description) if cluster.description else None
    if not stated:
        return ClusterNaming(log.text(placeholders.NAME.because(NOT_STATED)), description)
    if FITS_V2.fullmatch(stated):
        return ClusterNaming(stated, description)
    fitting = _fitting(stated, cluster.id)
    why = "v2 takes 2 to 63 letters, digits, dashes, underscores and dots"
    log.fit(Adjustment(what="name", before=stated, after=fitting, why=why, rule="PGR040"))
    return ClusterNaming(fitting, _described(stated))


def _described(text: str) -> str:
    # Filling in the blanks by search and replace must not put the password into a description.
    return visible(text).replace("<V2_", "V2_")


def _fitting(stated: str, cluster_id: str) -> str:
    for text in (stated, f"cluster-{cluster_id[:8]}"):
        word = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:63].strip("-._")
        if FITS_V2.fullmatch(word):
            return word
    return "cluster"


def fit_version(cluster: Cluster, log: AdjustmentLog) -> str:
    """Return the major, or leave it blank. The rules say whether v2 offers it."""
    stated = cluster.postgres_version
    if stated is not None and _MAJOR.fullmatch(stated):
        return stated
    why = NOT_STATED if stated is None else f"The API says {stated}, which is not a major version"
    return log.text(placeholders.VERSION.because(why))


def fit_window(cluster: Cluster, log: AdjustmentLog) -> MaintenanceWindow:
    """Return the maintenance window; day and time are left blank each by itself."""
    stated = cluster.maintenance or MaintenanceWindow(day=None, time=None)
    day, time = stated.day or "", stated.time or ""
    if day not in DAYS:
        why = f"The API says {day}, which is not an English day" if day else NOT_STATED
        day = log.text(placeholders.DAY.because(why, "PGR080"))
    if not _TIME.fullmatch(time):
        why = f"The API says {time}, which is not HH:MM:SS" if time else NOT_STATED
        time = log.text(placeholders.TIME.because(why, "PGR081" if time else "PGR080"))
    return MaintenanceWindow(day=day, time=time)


def fit_replication(cluster: Cluster, log: AdjustmentLog) -> str:
    """Return the mode, or leave it blank where v2 has none such, or wants more instances for it."""
    mode = cluster.replication
    if mode == "ASYNCHRONOUS":
        return mode
    if mode == "STRICTLY_SYNCHRONOUS":
        if cluster.instances is None or cluster.instances >= 3:
            return mode
        why = f"v2 takes STRICTLY_SYNCHRONOUS with 3 instances or more, and there are {cluster.instances}"
        return log.text(placeholders.REPLICATION.because(why, "PGR021"))
    if mode is None:
        return log.text(placeholders.REPLICATION.because(NOT_STATED))
    return log.text(placeholders.REPLICATION.because(f"v2 has no mode {mode}", "PGR020"))


def fit_pooler(cluster: Cluster, log: AdjustmentLog) -> str:
    """Return disabled, transaction or session. Absent is off; on without a mode is v1's default mode."""
    mode = (cluster.pooler if cluster.pooler is not None else "disabled").lower()
    if mode in _POOLERS:
        return mode
    if mode == "":
        why = "inferred: transaction is v1's default mode"
        log.fit(
            Adjustment(
                what="connection pooler", before="on, no mode", after="transaction", why=why, rule="PGR071"
            )
        )
        return "transaction"
    return log.text(placeholders.POOLER.because(f"v2 has no mode {cluster.pooler}", "PGR071"))


def fit_backup_location(facts: ClusterFacts, basis: Cluster, log: AdjustmentLog) -> str:
    """Return the location, or leave it blank where v2's list is known and does not have it."""
    stated, listed = basis.backup_location, facts.v2_locations
    offered = () if isinstance(listed, MissingFact) else tuple(each.name for each in listed)
    if stated is None:
        return log.text(placeholders.BACKUP_LOCATION.because(NOT_STATED, offers=offered))
    if (offered and stated not in offered) or not _LOCATION.fullmatch(stated):
        why = f"v2 does not offer {stated}"
        return log.text(placeholders.BACKUP_LOCATION.because(why, "PGR050", offered))
    return stated
