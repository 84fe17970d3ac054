"""Records of the move from v1 to v2 that are stored between two readiness checks."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.cluster import Cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterVerdict:
    """A run's verdict on one cluster, in the words of the report; empty where it has none."""

    cluster_id: str
    name: str
    contract: str
    region: str
    owner: str
    tier: str
    standing: str
    verdict: str
    worst: str
    clients: str = ""


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A verdict as stored: new at `at`, with the same word on readiness since `since`."""

    verdict: ClusterVerdict
    at: datetime
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessRun:
    """One readiness check of all clusters that a person may see. `judged_by` is a digest of the rules, empty
    for runs of earlier releases."""

    at: datetime
    clusters: int
    rules: int
    gaps: int
    judged_by: str = ""


@dataclass(frozen=True, slots=True)
class PreviousRun:
    """Facts from before a run: the time of the last one, its `judged_by`, and the newest verdict of each
    cluster by id."""

    at: datetime | None
    kept: dict[str, StoredVerdict]
    judged_by: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exemption from a rule until a time. `cluster` is an id, or * for all; `owner` gave it."""

    rule: str
    cluster: str
    until: datetime
    owner: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSighting:
    """A cluster as v1 last showed it and as v2 first did; `how` tells why both are the same.

    `account` is a digest of the account that showed it last, empty for sightings of earlier releases.
    """

    cluster: Cluster
    appeared_at: datetime | None = None
    counterpart: Cluster | None = None
    how: str = ""
    account: str = ""

    @property
    def has_successor(self) -> bool:
        """Return whether v2 shows another id, so that the two are only probably the same."""
        return self.counterpart is not None and self.counterpart.id.casefold() != self.cluster.id.casefold()


@dataclass(frozen=True, slots=True)
class Appeared:
    """A known v1 cluster, the cluster that v2 shows now, and why both are the same."""

    cluster: Cluster
    counterpart: Cluster
    how: str
