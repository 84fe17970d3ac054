"""The state of the cloud simulator: every cluster, by id and by API, and the calls that it has had."""

import heapq
import itertools
import random
import uuid
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.demo.cloud.faults import FaultBook
from bot.demo.cloud.records import (
    BackupRecord,
    ClusterRecord,
    DatacenterRecord,
    Phase,
    ProvisioningRequest,
    ScheduledStep,
)
from bot.demo.cloud.switches import Durations, Switches
from bot.runtime.clock import Clock

ClusterGroup = tuple[int, str, str]
"""The contract, API generation and region label of a cluster."""

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEPT = 100_000


@dataclass(frozen=True, slots=True, order=True)
class CallKey:
    """One operation of one API in one region with one status, 0 for no answer."""

    api: str
    region: str
    path: str
    method: str
    status: int


class CallCounter:
    """A counter of all calls, answered or not."""

    def __init__(self) -> None:
        self._counts: Counter[CallKey] = Counter()
        self._in_flight = 0
        self.most_in_flight = 0

    def begin(self) -> None:
        """Count a request in flight; `end` must follow."""
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)

    def end(self, key: CallKey) -> None:
        self._in_flight -= 1
        self._counts[key] += 1

    def count(self, method: str = "", path: str = "", *, api: str = "", region: str = "") -> int:
        """Return the number of matching calls; an empty word matches all. `path` is the specification's."""
        filters = {"method": method, "path": path, "api": api, "region": region}
        return sum(
            number
            for key, number in self._counts.items()
            if all(not value or getattr(key, name) == value for name, value in filters.items())
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per operation, region and status, in a stable order."""
        return [asdict(key) | {"count": number} for key, number in sorted(self._counts.items())]

    def reset(self) -> None:
        """Reset all counts, except of requests in flight."""
        self._counts.clear()
        self.most_in_flight = self._in_flight


@dataclass(slots=True, kw_only=True)
class Post:
    """One request without its body. `path` is below the API's base, `id` its cluster or "".

    `at` is the virtual clock's. `status` is the answer's, even if it was cut; 0 without an answer.
    """

    at: datetime
    api: str
    region: str
    method: str
    path: str
    id: str
    status: int = 0


class PostBook:
    """The latest 100,000 requests, oldest first, refused and ignored ones included."""

    def __init__(self) -> None:
        self._posts: deque[Post] = deque(maxlen=_KEPT)

    def add(self, post: Post) -> None:
        self._posts.append(post)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per request, its time in ISO 8601."""
        return [asdict(post) | {"at": post.at.isoformat()} for post in self._posts]

    def reset(self) -> None:
        self._posts.clear()


class Cloud:
    """Both APIs' clusters. Due steps are taken at each request: no task runs here.

    `latency_seconds` delays every answer in the machine's time, not the clock's, for benchmarks.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        switches: Switches | None = None,
        durations: Durations | None = None,
        seed: int = 1,
    ) -> None:
        self.clock = clock
        self.switches = switches or Switches()
        self.durations = durations or Durations()
        self.latency_seconds = 0.0
        self.faults = FaultBook()
        self.wire_clock: Clock | None = clock
        self.calls = CallCounter()
        self.posts = PostBook()
        self.datacenters: dict[str, DatacenterRecord] = {}
        self.requests: dict[str, ProvisioningRequest] = {}
        self._random = random.Random(seed)  # noqa: S311 - repeatable ids, not secrets
        self._clusters: dict[str, ClusterRecord] = {}
        self._groups: dict[ClusterGroup, dict[str, ClusterRecord]] = {}
        self._deleted: dict[str, tuple[datetime, ClusterRecord]] = {}
        self._schedule: list[tuple[datetime, int, str]] = []
        self._numbers = itertools.count()

    def new_id(self) -> str:
        """Return a version-4 UUID; the same seed gives the same sequence."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def new_suffix(self) -> str:
        """Return the seven characters in the middle of a v1 backup id."""
        return "".join(self._random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=7))

    def add(self, record: ClusterRecord) -> None:
        self._clusters[record.id] = record
        self._groups.setdefault(_group_of(record), {})[record.id] = record
        steps, record.steps = record.steps, []
        self.schedule(record, *steps)

    def schedule(self, record: ClusterRecord, *steps: ScheduledStep) -> None:
        record.steps = sorted((*record.steps, *steps))
        for step in steps:
            heapq.heappush(self._schedule, (step.due, next(self._numbers), record.id))

    def take_due_steps(self) -> datetime:
        """Take every due step and return the current time."""
        now = self.clock.now()
        while self._schedule and self._schedule[0][0] <= now:
            _, _, cluster_id = heapq.heappop(self._schedule)
            record = self._clusters.get(cluster_id)
            if record is not None:
                self._take_steps(record, now)
        return now

    def _take_steps(self, record: ClusterRecord, now: datetime) -> None:
        while record.steps and record.steps[0].due <= now:
            step = record.steps.pop(0)
            if step.phase:
                record.phase = step.phase
            if step.modified_by is not None:
                record.modified_at, record.modified_by = step.due, step.modified_by
            if record.phase == Phase.GONE:
                self._retire(record, step.due)
                return

    def _retire(self, record: ClusterRecord, at: datetime) -> None:
        del self._clusters[record.id]
        del self._groups[_group_of(record)][record.id]
        for backup in record.backups:
            backup.ended_at = backup.ended_at or at
        self._deleted[record.id] = (at + record.kept, record)

    def find(self, cluster_id: str) -> ClusterRecord | None:
        """Return the cluster of that id in any contract, ignoring case, or None."""
        return self._clusters.get(cluster_id.lower())

    def everything(self) -> Iterator[ClusterRecord]:
        """Yield every existing cluster in the order of creation."""
        return iter(self._clusters.values())

    def clusters_of(self, contract: int, api: str, region: str) -> list[ClusterRecord]:
        """Return the clusters of one contract, generation and region in the order of creation."""
        return list(self._groups.get((contract, api, region), {}).values())

    def clusters_with_backups(self, contract: int) -> list[ClusterRecord]:
        """Return a contract's clusters with kept backups: existing and, for a while, deleted ones."""
        now = self.clock.now()
        self._deleted = {key: entry for key, entry in self._deleted.items() if entry[0] > now}
        live = [record for record in self._clusters.values() if record.contract == contract]
        return live + [record for _, record in self._deleted.values() if record.contract == contract]

    def find_with_backups(self, cluster_id: str) -> ClusterRecord | None:
        """Find a cluster, or a deleted one whose backups are still kept."""
        entry = self._deleted.get(cluster_id.lower())
        gone = entry[1] if entry is not None and entry[0] > self.clock.now() else None
        return self.find(cluster_id) or gone

    def move(self, record: ClusterRecord, api: str) -> None:
        """Move a cluster to the other API generation; the caller changes its fields."""
        del self._groups[_group_of(record)][record.id]
        record.api = api
        self._groups.setdefault(_group_of(record), {})[record.id] = record

    def discard(self, record: ClusterRecord) -> None:
        """Remove a cluster without a trace."""
        self._clusters.pop(record.id, None)
        self._groups.get(_group_of(record), {}).pop(record.id, None)

    def replace(self, record: ClusterRecord) -> None:
        """Restore an earlier state of a cluster."""
        current = self._clusters.get(record.id)
        if current is not None and _group_of(current) != _group_of(record):
            del self._groups[_group_of(current)][record.id]
        self.add(record)

    def new_backup(self, record: ClusterRecord, at: datetime) -> BackupRecord:
        """Start a new active backup at `at`; the one before it ends there."""
        for backup in record.backups:
            backup.ended_at = min(backup.ended_at or at, at)
        backup = BackupRecord(
            cluster_id=record.id,
            suffix=self.new_suffix(),
            version=record.version,
            created_at=at,
            recoverable_at=at + timedelta(seconds=self.durations.base_backup),
            location=record.backup_location,
            size_mb=2048 + 16 * self._random.randrange(1, 64),
        )
        record.backups.append(backup)
        return backup


def _group_of(record: ClusterRecord) -> ClusterGroup:
    # v1 has one endpoint for all regions, v2 one host per region.
    return record.contract, record.api, record.region.label if record.api == "v2" else ""
