"""Which of a cluster's backups a restore takes, and which time in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.commands.context import Context
from bot.domain.cluster import Backup, Cluster, major
from bot.domain.errors import BadArgument, InputError
from bot.domain.phrases import listed, shown
from bot.domain.recovery_window import began, end_of, goes_on, newest_target
from bot.domain.times import full_span, moment, whole_second

SHIPPED_EVERY = timedelta(minutes=30)
"""Changes reach a backup every 16 MB or 30 minutes (ionos-api-notes, section 6). What is older is in it for
certain; a time beyond what was shipped ends a recovery of PostgreSQL as failed, so none is computed there."""

SHIPPING = "changes reach the backup every 16 MB or 30 minutes"

_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RestorePoint:
    """A backup, and the time in it. None: all that it has."""

    backup: Backup
    target: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """What somebody said. `by_time`: what restores takes a time alone, and chooses the backup itself."""

    to: str
    newest: bool
    backup: str
    by_time: bool


def choose(wanted: RestoreRequest, cluster: Cluster, backups: Sequence[Backup], ctx: Context) -> RestorePoint:
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
        return RestorePoint(_covering(at, named, cluster, backups, ctx), at)
    backup = named or _leading(wanted, cluster, backups, ctx)
    return RestorePoint(backup, _newest_time(backup, backups, ctx) if wanted.by_time else None)


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


def _leading(wanted: RestoreRequest, cluster: Cluster, backups: Sequence[Backup], ctx: Context) -> Backup:
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
            f"Backup {named.id} does not cover {ctx.format_time(at)}.",
            f"It can be restored {reach_of(named, backups, ctx)}.{others}",
        )
    if not covering:
        nearest = _nearest(at, backups, ctx.now())
        raise InputError(
            f"{cluster.name} cannot be restored to {ctx.format_time(at)}: no backup covers that time.",
            f"The nearest that is possible is {ctx.format_time(nearest)}." if nearest else "",
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


def lost(source: RestorePoint, backups: Iterable[Backup], ctx: Context) -> str:
    """What is gone afterwards, as a warning: absolutely, and how much that was when it was asked for."""
    if _is_newest(source):
        return f"What was written in the 30 minutes before it runs can be lost: {SHIPPING}."
    end, id_ = end_of(source.backup, backups, ctx.now()), source.backup.id
    at = source.target or end.at
    if at is None:
        return f"What is lost cannot be told: nobody says where backup {id_} ends. Say a time with --to."
    words = (
        f"verything written after {ctx.format_time(at)} is lost: {full_span(ctx.now() - at)} when this was "
    )
    if source.target or end.is_told:
        return f"E{words}asked for."
    return f"At least e{words}asked for. Where backup {id_} ends is not told."


def as_of(source: RestorePoint, backups: Iterable[Backup], ctx: Context) -> str:
    """As of when the data is afterwards."""
    if _is_newest(source):
        return "as of what was shipped to its backup when it runs"
    end = end_of(source.backup, backups, ctx.now())
    if source.target or end.is_told:
        return f"as of {ctx.format_time(source.target or end.at or ctx.now())}"
    return (
        f"as of {ctx.format_time(end.at)} or earlier" if end.at else "as of the end of the backup, not told"
    )


def unsure(source: RestorePoint, ctx: Context) -> tuple[str, ...]:
    """A note on a time that is so near that its changes may not be in the backup yet."""
    if source.target is None or source.target < ctx.now() - SHIPPED_EVERY:
        return ()
    return (f"What is newer than 30 minutes when it runs may not be in the backup yet: {SHIPPING}.",)


def _is_newest(source: RestorePoint) -> bool:
    """Whether it is all of a backup that grows until then."""
    return source.target is None and goes_on(source.backup)


async def find_source(wanted: str, to: str, ctx: Context) -> RestorePoint:
    """The backup of this id, or unique beginning of one, and the time. Raises InputError."""
    listing = await ctx.kept_backups()
    folded = wanted.strip().casefold()
    found = [each for each in listing.items if each.id.casefold() == folded] or [
        each for each in listing.items if folded and each.id.casefold().startswith(folded)
    ]
    if len(found) != 1:
        what = f"fits {len(found)} backups" if found else "is no backup that you may see"
        gaps = (
            f" It may be where we could not look: {listed(map(str, listing.gaps))}." if listing.gaps else ""
        )
        raise InputError(f"“{shown(wanted)}” {what}.", f"“backup list” has their ids.{gaps}")
    backup = found[0]
    if backup.earliest_target is None:
        raise InputError(f"Backup {backup.id} has no time to restore to yet.")
    at = past(to, ctx) if to else None
    if at is not None and not covers(backup, at, ctx.now(), listing.items):
        raise InputError(
            f"Backup {backup.id} does not cover {ctx.format_time(at)}.",
            f"It can be restored {reach_of(backup, listing.items, ctx)}.",
        )
    return RestorePoint(backup, at)


def newest_backup(backups: Iterable[Backup], now: datetime) -> tuple[Backup, datetime] | None:
    """The backup that reaches furthest, and the newest time in it; None when nothing can be restored."""
    ends = [(each, end) for each in backups if (end := newest_target(each, now)) is not None]
    return max(ends, key=lambda found: found[1], default=None)


def covers(backup: Backup, at: datetime, now: datetime, backups: Iterable[Backup]) -> bool:
    """Whether a backup can be restored to this time. `backups` has the others of its cluster."""
    first, end = backup.earliest_target, end_of(backup, backups, now)
    return first is not None and first <= at and (end.at is None or at <= end.at)


def reach_of(backup: Backup, backups: Iterable[Backup], ctx: Context) -> str:
    """From when to when a backup can be restored: words that follow "restored", times that can be typed."""
    if backup.earliest_target is None:
        return "to no time yet"
    first, end = ctx.format_time(whole_second(backup.earliest_target)), end_of(backup, backups, ctx.now())
    if end.at is None:
        return f"from {first} on; where it ends is not told"
    last = ctx.format_time(end.at)
    return f"from {first} to {last}" if end.is_told else f"from {first} on; it ended no later than {last}"


def past(text: str, ctx: Context) -> datetime:
    """The time that somebody typed, to go back to. Raises BadArgument, also for one that is still to come."""
    at = moment(text, ctx.now(), ctx.invocation.actor.time_zone)
    if at > ctx.now():
        raise BadArgument(f"{ctx.format_time(at)} is in the future.", "A restore goes back.")
    return at
