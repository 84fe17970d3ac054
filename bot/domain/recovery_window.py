"""Recovery windows: the times that one backup, or a whole cluster, can be restored to, and their flaws."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.cluster import Backup, Cluster, Listing
from bot.domain.times import format_ago, format_span

SKEW = timedelta(minutes=5)
"""Tolerance for an API's clock that is ahead of ours, before a time counts as one of the future."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupWindow:
    """The times that one backup can be restored to, UTC.

    `earliest` is None while nothing can be restored. `latest` is None where nobody can tell it; where it is
    not `is_told`, the backup ended no later than `latest`.
    """

    backup: Backup
    earliest: datetime | None
    latest: datetime | None
    is_told: bool

    @property
    def newest(self) -> datetime | None:
        """The newest time to restore to; None for nothing yet, or where the API does not tell it."""
        return self.latest if self.is_told else None

    @property
    def is_growing(self) -> bool:
        """True while the cluster still ships to this backup, so that the window ends with the clock."""
        return bool(self.backup.is_active) and self.backup.latest_target is None

    def covers(self, at: datetime) -> bool:
        """Return whether the backup can be restored to this time, as far as it tells."""
        return (
            self.earliest is not None and self.earliest <= at and (self.latest is None or at <= self.latest)
        )


class RecoveryProblem(StrEnum):
    """The kinds of warnings about the backups of a cluster."""

    MISSING = "missing"
    UNREAD = "unread"
    CURRENT_UNKNOWN = "current_unknown"
    NO_CURRENT = "no_current"
    SEVERAL_CURRENT = "several_current"
    FLAWED = "flawed"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryWindow:
    """The times that a cluster can be restored to. `warning` is empty when nothing looks wrong; `problem` is
    its kind.

    `newest` is `now` for a backup that is still written to, and None when nothing can be restored or its end
    is not told. `known` is False when backups may exist that could not be looked at.
    """

    active: Backup | None
    count: int
    earliest: datetime | None
    newest: datetime | None
    problem: RecoveryProblem | None = None
    warning: str = ""
    known: bool = True


def find_beginning(backup: Backup) -> datetime | None:
    """Return when a backup began, as far as it tells; its earliest target moves up as old data is dropped."""
    known = [at for at in (backup.created_at, backup.earliest_target) if at is not None]
    return min(known, default=None)


def backup_window(backup: Backup, backups: Iterable[Backup], now: datetime) -> BackupWindow:
    """Return the window of a backup. `backups` has the others of its cluster.

    v1 tells the end of no backup: the one that a cluster ships to goes up to now. One backup of a cluster is
    active at a time (ionos-api-notes, section 6), so one that is not ended no later than the next one began.
    """
    window = BackupWindow(backup=backup, earliest=backup.earliest_target, latest=None, is_told=False)
    if window.earliest is not None and (window.is_growing or backup.latest_target is not None):
        return replace(window, latest=now if window.is_growing else backup.latest_target, is_told=True)
    began = find_beginning(backup)
    if began is None or backup.cluster_id is None:
        return window
    others = (find_beginning(each) for each in backups if each.cluster_id == backup.cluster_id)
    return replace(window, latest=min((at for at in others if at and at > began), default=None))


def find_flaws(backup: Backup, now: datetime) -> tuple[str, ...]:
    """Return the flaws of the window that a backup claims, in words that follow its name."""
    first, last = backup.earliest_target, backup.latest_target
    found = []
    if first is None and backup.is_active:
        found.append("can't be restored yet: its first base backup is not complete")
    if first is None and last is not None:
        found.append("has an end but no beginning")
    if first is not None and first > now + SKEW:
        found.append(f"begins in the future ({format_ago(first, now)})")
    if last is not None and last > now + SKEW:
        found.append(f"ends in the future ({format_ago(last, now)})")
    if first is not None and last is not None and first > last:
        found.append("ends before it starts")
    return tuple(found)


def recovery_windows(
    clusters: Iterable[Cluster], backups: Listing[Backup], now: datetime, stale: timedelta
) -> list[tuple[Cluster, RecoveryWindow]]:
    """Return every cluster with its recovery window, in the given order; see `recovery_window`."""
    by_cluster: dict[str | None, list[Backup]] = defaultdict(list)
    for each in backups.items:
        by_cluster[each.cluster_id].append(each)
    complete = not backups.gaps
    return [
        (each, recovery_window(by_cluster.get(each.id, ()), now, stale, complete=complete))
        for each in clusters
    ]


def recovery_window(
    backups: Iterable[Backup], now: datetime, stale: timedelta, *, complete: bool = True
) -> RecoveryWindow:
    """Return the window of one cluster's backups together, with a warning when `newest` is over `stale` ago.

    `complete` False says that some endpoints did not respond: then no backup is not "there is none".
    """
    kept = list(backups)
    active = [each for each in kept if each.is_active]
    windows = [backup_window(each, (), now) for each in kept]
    newest = max((each.newest for each in windows if each.newest), default=None)
    flaw = _find_flaw(kept, active, now, complete=complete) or _find_lateness(newest, now, stale)
    problem, warning = flaw or (None, "")
    return RecoveryWindow(
        active=active[0] if len(active) == 1 else None,
        count=len(kept),
        earliest=min((each.earliest_target for each in kept if each.earliest_target), default=None),
        newest=newest,
        problem=problem,
        warning=warning,
        known=bool(kept) or complete,
    )


_Warning = tuple[RecoveryProblem, str]


def _find_flaw(kept: list[Backup], active: list[Backup], now: datetime, *, complete: bool) -> _Warning | None:
    if not kept and complete:
        return RecoveryProblem.MISSING, "no backups"
    if not kept:
        return RecoveryProblem.UNREAD, "no backups seen, but not everything could be read"
    if not active and any(each.is_active is None for each in kept):
        return RecoveryProblem.CURRENT_UNKNOWN, "the API does not say which backup is current"
    if not active:
        return RecoveryProblem.NO_CURRENT, "no backup is current"
    if len(active) > 1:
        return RecoveryProblem.SEVERAL_CURRENT, f"{len(active)} backups are current at once"
    flaws = find_flaws(active[0], now)
    return (
        (RecoveryProblem.FLAWED, "; ".join(f"the current backup {flaw}" for flaw in flaws)) if flaws else None
    )


def _find_lateness(newest: datetime | None, now: datetime, stale: timedelta) -> _Warning | None:
    if newest is None or now - newest <= stale:
        return None
    return RecoveryProblem.STALE, f"the latest restorable time is {format_span(now - newest)} ago"
