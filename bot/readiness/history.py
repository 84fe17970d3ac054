"""What the bot keeps of the move from v1 to v2 between two looks: verdicts, waivers, sightings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.cluster import Cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterVerdict:
    """What a run said of one cluster, in the report's own words; empty where it said nothing."""

    cluster_id: str
    name: str
    contract: str
    region: str
    owner: str
    tier: str
    standing: str
    verdict: str
    worst: str


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A verdict as it was kept: `at` when it was new, `since` when what it says of readiness began."""

    verdict: ClusterVerdict
    at: datetime
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessRun:
    """One look at everything that somebody may see."""

    at: datetime
    clusters: int
    rules: int
    gaps: int


@dataclass(frozen=True, slots=True)
class PreviousRun:
    """What was known before a run: when the last one was, and the newest verdict of each cluster by id."""

    at: datetime | None
    kept: dict[str, StoredVerdict]


class Snapshots(Protocol):
    """Runs, and every verdict that was new in one. All methods raise StoreError."""

    async def keep(self, run: ReadinessRun, verdicts: Sequence[ClusterVerdict]) -> PreviousRun:
        """Add a run, and the verdicts that say something new; gives back what was known before."""
        ...

    async def verdicts(self) -> tuple[StoredVerdict, ...]:
        """Every verdict ever kept, the oldest first."""
        ...

    async def runs(self) -> tuple[ReadinessRun, ...]:
        """Every run, the oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWaiver:
    """Somebody lives with a finding until then. `cluster` is an id, or * for all; `owner` is who said so."""

    rule: str
    cluster: str
    until: datetime
    owner: str
    reason: str


class Waivers(Protocol):
    """Waivers that people gave by command; lapsed ones too, until they are taken back. Raise StoreError."""

    async def all(self) -> tuple[KeptWaiver, ...]:
        """Those not taken back, by rule and cluster."""
        ...

    async def give(self, waiver: KeptWaiver, at: datetime) -> None:
        """Keep one, in place of an earlier one of the same rule and cluster."""
        ...

    async def take_back(self, rule: str, cluster: str, by: str, at: datetime) -> KeptWaiver | None:
        """End one; None when there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSighting:
    """A cluster as v1 last showed it, and, once v2 shows it, as v2 first did. `how` is how we know."""

    cluster: Cluster
    seen_at: datetime
    appeared_at: datetime | None = None
    counterpart: Cluster | None = None
    how: str = ""


class Appearance(Protocol):
    """A known v1 cluster that v2 shows now, what v2 shows, and how we know that it is the same."""

    @property
    def cluster(self) -> Cluster: ...

    @property
    def counterpart(self) -> Cluster: ...

    @property
    def how(self) -> str: ...


class SightingStore(Protocol):
    """Which v1 clusters are known, and which of them have appeared in v2. Raise StoreError."""

    async def remember(
        self, clusters: Sequence[Cluster], in_both: Sequence[Appearance], at: datetime
    ) -> None:
        """Keep what v1 shows of these, new or known, as long as v2 has not shown them.

        One that both show when it is first seen has appeared nobody knows when: nobody is told of it.
        """
        ...

    async def known(self) -> tuple[ClusterSighting, ...]:
        """Every v1 cluster ever seen, by id."""
        ...

    async def appear(self, found: Sequence[Appearance], at: datetime) -> None:
        """Keep those that v2 shows; one that is known to have appeared stays as it is."""
        ...

    async def claim(self, key: str, may_tell: Callable[[Cluster], bool]) -> tuple[ClusterSighting, ...]:
        """Those that nobody has been told of, from now on told under `key`; the same key gets them again."""
        ...


@dataclass(frozen=True, slots=True)
class ReadinessHistory:
    """All of it."""

    snapshots: Snapshots
    waivers: Waivers
    sightings: SightingStore
