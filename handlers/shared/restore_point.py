"""Which of a cluster's backups a restore takes, and which time in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.commands.context import Context
from bot.domain.cluster import Backup, Cluster
from bot.domain.errors import BadArgument, InputError
from bot.domain.phrases import shown
from bot.domain.recovery_window import began, newest_target
from bot.domain.times import whole_second
from handlers.shared.cluster_checks import covers, in_both, major, past, reach_of
from handlers.shared.cluster_defaults import Source

SHIPPED_EVERY = timedelta(minutes=30)
"""Changes reach a backup every 16 MB or 30 minutes (ionos-api-notes, section 6). What is older is in it for
certain; a time beyond what was shipped ends a recovery of PostgreSQL as failed, so none is computed there."""

SHIPPING = "changes reach the backup every 16 MB or 30 minutes"

_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody said. `by_time`: what restores takes a time alone, and chooses the backup itself."""

    to: str
    newest: bool
    backup: str
    by_time: bool


def choose(wanted: Wanted, cluster: Cluster, backups: Sequence[Backup], ctx: Context) -> Source:
    """The backup, and the time in it; None is all of it. Raises InputError with the nearest that can be."""
    if not (wanted.to or wanted.newest or wanted.backup):
        others = "or --newest" if wanted.by_time else "--newest, or --backup with an id"
        raise BadArgument("Back to when?", f"Say --to with a time, {others}.")
    if wanted.to and wanted.newest:
        raise BadArgument("--to and --newest exclude each other.")
    if all(each.earliest_target is None for each in backups):
        raise InputError(f"{cluster.name} has no backup that can be restored.", "“backup list” shows them.")
    named = _named(wanted.backup, cluster, backups) if wanted.backup else None
    if wanted.to:
        at = past(wanted.to, ctx)
        return Source(_covering(at, named, cluster, backups, ctx), at)
    backup = named or _leading(wanted, cluster, backups, ctx)
    return Source(backup, _newest_time(backup, backups, ctx) if wanted.by_time else None)


def _named(wanted: str, cluster: Cluster, backups: Sequence[Backup]) -> Backup:
    folded = wanted.strip().casefold()
    found = [each for each in backups if each.id.casefold() == folded] or [
        each for each in backups if folded and each.id.casefold().startswith(folded)
    ]
    if len(found) != 1:
        many = "fits several backups" if found else "is no backup"
        raise InputError(
            f"“{shown(wanted)}” {many} of {cluster.name}.", f"“backup list {cluster.name}” has their ids."
        )
    if found[0].earliest_target is None:
        raise InputError(f"Backup {found[0].id} has no time to restore to yet.")
    _not_newer(found[0], cluster)
    return found[0]


def _not_newer(backup: Backup, cluster: Cluster) -> None:
    """A backup restores into its own major or a newer one, never an older (ionos-api-notes, section 6)."""
    ours, its = cluster.postgres_version, backup.postgres_version
    if ours and its and major(its) > major(ours):
        raise InputError(
            f"Backup {backup.id} is of PostgreSQL {its}, and {cluster.name} runs {ours}: "
            "a backup restores into its own version or a newer one.",
        )


def _leading(wanted: Wanted, cluster: Cluster, backups: Sequence[Backup], ctx: Context) -> Backup:
    """The backup that the cluster ships to, else the one that began last.

    Raises InputError while that has nothing yet: what an older one has instead can be days behind.
    """
    leading = max(backups, key=lambda each: (each.is_active is True, began(each) or _FIRST))
    if leading.earliest_target is not None:
        _not_newer(leading, cluster)
        return leading
    older = max((each for each in backups if each.earliest_target), key=lambda each: began(each) or _FIRST)
    whole = "" if wanted.by_time else f", or --backup {older.id} for all of that"
    raise InputError(
        f"The newest backup of {cluster.name} has no time to restore to yet: its first base backup is not "
        "complete.",
        f"The one before can be restored {reach_of(older, backups, ctx)}. Say --to with a time{whole}.",
    )


def _newest_time(backup: Backup, backups: Sequence[Backup], ctx: Context) -> datetime:
    """The newest time that is in the backup for certain, as far as it tells. Raises InputError."""
    first, last = backup.earliest_target, newest_target(backup, ctx.now())
    if first is None or last is None:
        raise InputError(f"Backup {backup.id} does not tell how new it is.", "Give the time with --to.")
    at = min(backup.latest_target or last - SHIPPED_EVERY, last).replace(microsecond=0)
    if at < first:
        raise InputError(
            f"Backup {backup.id} is so young that no time in it is certain yet: {SHIPPING}.",
            f"It can be restored {reach_of(backup, backups, ctx)}. Give the time with --to.",
        )
    return at


def _covering(
    at: datetime, named: Backup | None, cluster: Cluster, backups: Sequence[Backup], ctx: Context
) -> Backup:
    """The newest backup in which the time lies, or the named one if it does. Raises InputError."""
    covering = [each for each in backups if covers(each, at, ctx.now(), backups)]
    if named is not None and named not in covering:
        others = "".join(f" Backup {each.id} covers that time: leave --backup out." for each in covering[:1])
        raise InputError(
            f"Backup {named.id} does not cover {in_both(at, ctx)}.",
            f"It can be restored {reach_of(named, backups, ctx)}.{others}",
        )
    if not covering:
        nearest = _nearest(at, backups, ctx.now())
        raise InputError(
            f"{cluster.name} cannot be restored to {in_both(at, ctx)}: no backup covers that time.",
            f"The nearest that is possible is {in_both(nearest, ctx)}." if nearest else "",
        )
    chosen = named or max(covering, key=lambda each: each.earliest_target or at)
    _not_newer(chosen, cluster)
    return chosen


def _nearest(at: datetime, backups: Iterable[Backup], now: datetime) -> datetime | None:
    """In whole seconds, so that it can be typed back; only what is told counts."""
    ends = []
    for each in backups:
        last = newest_target(each, now)
        first = whole_second(each.earliest_target) if each.earliest_target else now
        ends += [first] if first < now else []
        ends += [last.replace(microsecond=0)] if last and first <= last else []
    return min(ends, key=lambda end: abs(end - at), default=None)
