"""Records that the results of several commands have in common, and warnings of what is odd in them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter

from bot.domain.cluster import Cluster, ClusterRef
from bot.domain.recovery_window import RecoveryProblem, RecoveryWindow
from bot.domain.reply import Part, Warn
from bot.settings.model import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedCluster(Cluster):
    """A cluster with what app.yaml says of it: its owner and tier, null where it says nothing."""

    owner: str | None
    tier: str | None

    @classmethod
    def of(cls, cluster: Cluster, tags: Tags) -> "TaggedCluster":
        known = zip(_KNOWN, _read_known(cluster), strict=True)
        return cls(**dict(known), owner=tags.owner, tier=tags.tier)


_KNOWN = tuple(each.name for each in fields(Cluster))
_read_known = attrgetter(*_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRecovery:
    """The times that a cluster can be restored to, from all its backups together.

    `warning` has the `problem` in words. `latest_at` is the time of the answer while the current backup still
    receives changes. `backup_count` is null where the backups could not be read, `retention_days` on v1,
    which keeps backups for 7 days.
    """

    cluster: ClusterRef
    problem: RecoveryProblem | None
    warning: str | None
    earliest_at: datetime | None
    latest_at: datetime | None
    backup_count: int | None
    current_backup_id: str | None
    current_backup_size_mb: int | None
    location: str | None
    retention_days: int | None

    @classmethod
    def of(cls, cluster: Cluster, window: RecoveryWindow) -> "ClusterRecovery":
        current = window.active
        return cls(
            cluster=ClusterRef.of(cluster),
            problem=window.problem,
            warning=window.warning or None,
            earliest_at=window.earliest,
            latest_at=window.newest,
            backup_count=window.count if window.known else None,
            current_backup_id=current.id if current else None,
            current_backup_size_mb=current.size_mb if current else None,
            location=(current.location if current else None) or cluster.backup_location,
            retention_days=cluster.backup_retention_days,
        )


def warn_of_oddities(oddities: Iterable[str]) -> list[Part]:
    """Return a warning for each value that the API does not document."""
    return [Warn(f"The API's answer differs from its documentation: {oddity}") for oddity in oddities]
