"""The state of the stand-in: every cluster, found by id or by shelf, as old as the clock says."""

import heapq
import itertools
import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.demo.cloud.call_counts import CallCounter
from bot.demo.cloud.faults import FaultBook
from bot.demo.cloud.records import BackupRecord, ClusterRecord, Phase, ScheduledStep
from bot.demo.cloud.switches import Durations, Switches
from bot.demo.cloud.write_journal import PostBook
from bot.runtime.clock import Clock

Shelf = tuple[int, str, str]
"""Contract, API generation and region label under which a cluster is kept."""


class Cloud:
    """Both APIs' clusters. Steps that are due are taken whenever somebody looks: no task runs here.

    `latency_seconds` delays every answer by that much of the machine's time, not the clock's: it is
    there for benchmarks.
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
        self.calls = CallCounter()
        self.posts = PostBook()
        self._random = random.Random(seed)  # noqa: S311 - ids that repeat are wanted here, secrets are not made
        self._clusters: dict[str, ClusterRecord] = {}
        self._shelves: dict[Shelf, dict[str, ClusterRecord]] = {}
        self._attic: dict[str, tuple[datetime, ClusterRecord]] = {}
        self._agenda: list[tuple[datetime, int, str]] = []
        self._tickets = itertools.count()

    def new_id(self) -> str:
        """Return a version-4 UUID; the same sequence for the same seed."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def new_suffix(self) -> str:
        """Return the seven characters in the middle of a v1 backup id."""
        return "".join(self._random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=7))

    def add(self, record: ClusterRecord) -> None:
        """Keep a new cluster. Its steps, if it has any, are put on the agenda."""
        self._clusters[record.id] = record
        self._shelves.setdefault(_shelf(record), {})[record.id] = record
        for step in record.steps:
            heapq.heappush(self._agenda, (step.due, next(self._tickets), record.id))

    def schedule(self, record: ClusterRecord, *steps: ScheduledStep) -> None:
        """Let something happen to a cluster later."""
        record.steps.extend(steps)
        record.steps.sort()
        for step in steps:
            heapq.heappush(self._agenda, (step.due, next(self._tickets), record.id))

    def settle(self) -> datetime:
        """Take every step that is due; returns the time now."""
        now = self.clock.now()
        while self._agenda and self._agenda[0][0] <= now:
            _, _, cluster_id = heapq.heappop(self._agenda)
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
        del self._shelves[_shelf(record)][record.id]
        for backup in record.backups:
            backup.ended_at = backup.ended_at or at
        self._attic[record.id] = (at + record.kept, record)

    def find(self, cluster_id: str) -> ClusterRecord | None:
        """Return the cluster of that id, whoever owns it, or None. Letter case is not looked at."""
        return self._clusters.get(cluster_id.lower())

    def everything(self) -> Iterator[ClusterRecord]:
        """Return every cluster that exists, in the order of making."""
        return iter(self._clusters.values())

    def shelf(self, contract: int, api: str, region: str) -> list[ClusterRecord]:
        """Return the clusters of one contract, generation and region, in the order of making."""
        return list(self._shelves.get((contract, api, region), {}).values())

    def keepers(self, contract: int) -> list[ClusterRecord]:
        """Return a contract's clusters whose backups are kept: existing and, for a while, deleted ones."""
        now = self.clock.now()
        self._attic = {key: entry for key, entry in self._attic.items() if entry[0] > now}
        live = [record for record in self._clusters.values() if record.contract == contract]
        return live + [record for _, record in self._attic.values() if record.contract == contract]

    def find_keeper(self, cluster_id: str) -> ClusterRecord | None:
        """Return the same as `find`, and deleted clusters whose backups are still kept."""
        entry = self._attic.get(cluster_id.lower())
        gone = entry[1] if entry is not None and entry[0] > self.clock.now() else None
        return self.find(cluster_id) or gone

    def move(self, record: ClusterRecord, api: str) -> None:
        """Put a cluster under the other API generation; its fields are the caller's business."""
        del self._shelves[_shelf(record)][record.id]
        record.api = api
        self._shelves.setdefault(_shelf(record), {})[record.id] = record

    def discard(self, record: ClusterRecord) -> None:
        """Forget a cluster as if it had never been."""
        self._clusters.pop(record.id, None)
        self._shelves.get(_shelf(record), {}).pop(record.id, None)

    def replace(self, record: ClusterRecord) -> None:
        """Put back an earlier state of a cluster, whatever happened to it since."""
        current = self._clusters.get(record.id)
        if current is not None and _shelf(current) != _shelf(record):
            del self._shelves[_shelf(current)][record.id]
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


def _shelf(record: ClusterRecord) -> Shelf:
    # v1 has one endpoint for all regions, v2 one host per region.
    return record.contract, record.api, record.region.label if record.api == "v2" else ""
