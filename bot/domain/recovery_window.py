"""What a cluster can be restored to, as its backups say, and what looks wrong about it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.cluster import Backup, Cluster, Listing
from bot.domain.times import ago, span

SKEW = timedelta(minutes=5)
"""How far an API's clock may be ahead of ours before a time counts as one of the future."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryWindow:
    """From when until when a cluster can be restored. `warning` is empty when nothing looks wrong.

    `newest` is `now` for a backup that goes up to now, and None when nothing can be restored or its end is
    not told. `known` is False when backups may exist that could not be looked at.
    """

    active: Backup | None
    count: int
    earliest: datetime | None
    newest: datetime | None
    warning: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class BackupEnd:
    """Until when a backup can be restored. Where that is not told, it ended no later than `at`; None: nobody
    can tell."""

    at: datetime | None
    is_told: bool


def goes_on(backup: Backup) -> bool:
    """Whether its cluster still ships to it, so that its end moves along with the clock."""
    return bool(backup.is_active) and backup.latest_target is None


def newest_target(backup: Backup, now: datetime) -> datetime | None:
    """The newest time to restore this backup to. None: nothing yet, or the answer does not tell.

    Only the backup that a cluster ships to goes up to now; v1 tells of no other where it ends.
    """
    if backup.earliest_target is None:
        return None
    return now if goes_on(backup) else backup.latest_target


def began(backup: Backup) -> datetime | None:
    """When a backup began, as far as it tells; its earliest target moves up as old data is dropped."""
    known = [at for at in (backup.created_at, backup.earliest_target) if at is not None]
    return min(known, default=None)


def end_of(backup: Backup, backups: Iterable[Backup], now: datetime) -> BackupEnd:
    """Where a backup ends. `backups` has the others of its cluster.

    One backup of a cluster is active at a time (ionos-api-notes, section 6), so one that is not ended no
    later than the next one began.
    """
    told, first = newest_target(backup, now), began(backup)
    if told is not None or first is None or backup.cluster_id is None:
        return BackupEnd(told, is_told=told is not None)
    others = (began(each) for each in backups if each.cluster_id == backup.cluster_id)
    return BackupEnd(min((at for at in others if at and at > first), default=None), is_told=False)


def flaws(backup: Backup, now: datetime) -> tuple[str, ...]:
    """What is wrong with the range that a backup claims, in words that follow its name."""
    first, last = backup.earliest_target, backup.latest_target
    found = []
    if first is None and backup.is_active:
        found.append("has no time to restore to yet: its first base backup is not complete")
    if first is None and last is not None:
        found.append("has an end and no beginning")
    if first is not None and first > now + SKEW:
        found.append(f"begins in the future ({ago(first, now)})")
    if last is not None and last > now + SKEW:
        found.append(f"ends in the future ({ago(last, now)})")
    if first is not None and last is not None and first > last:
        found.append("ends before it begins")
    return tuple(found)


def reaches(
    clusters: Iterable[Cluster], backups: Listing[Backup], now: datetime, stale: timedelta
) -> list[tuple[Cluster, RecoveryWindow]]:
    """Every cluster with what it can be restored to, in the given order; see `reach`."""
    by_cluster: dict[str | None, list[Backup]] = defaultdict(list)
    for each in backups.items:
        by_cluster[each.cluster_id].append(each)
    complete = not backups.gaps
    return [(each, reach(by_cluster.get(each.id, ()), now, stale, complete=complete)) for each in clusters]


def reach(
    backups: Iterable[Backup], now: datetime, stale: timedelta, *, complete: bool = True
) -> RecoveryWindow:
    """One cluster's backups together; it is warned of when `newest` is more than `stale` ago.

    `complete` False says that some places could not be looked at: then no backup is not "there is none".
    """
    kept = list(backups)
    active = [each for each in kept if each.is_active]
    newest = max((at for each in kept if (at := newest_target(each, now))), default=None)
    return RecoveryWindow(
        active=active[0] if len(active) == 1 else None,
        count=len(kept),
        earliest=min((each.earliest_target for each in kept if each.earliest_target), default=None),
        newest=newest,
        warning="; ".join(_warnings(kept, active, now, complete=complete) or _late(newest, now, stale)),
        known=bool(kept) or complete,
    )


def _warnings(kept: list[Backup], active: list[Backup], now: datetime, *, complete: bool) -> list[str]:
    if not kept:
        return ["no backup" if complete else "no backup was seen, but not everything could be looked at"]
    if not active:
        unsaid = any(each.is_active is None for each in kept)
        return ["it is not told which backup is active" if unsaid else f"no backup of {len(kept)} is active"]
    if len(active) > 1:
        return [f"{len(active)} backups are active at once"]
    return [f"the active backup {flaw}" for flaw in flaws(active[0], now)]


def _late(newest: datetime | None, now: datetime, stale: timedelta) -> list[str]:
    if newest is None or now - newest <= stale:
        return []
    return [f"can be restored only up to {span(now - newest)} ago"]
