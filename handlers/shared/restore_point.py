"""Restore points: the backup that a restore takes and the time in it, chosen once and put into words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.commands.context import Context
from bot.commands.tokenizer import quote_word
from bot.domain.cluster import Backup, Cluster, Listing, major_version
from bot.domain.errors import BadArgument, InputError
from bot.domain.recovery_window import BackupWindow, backup_window, find_beginning
from bot.domain.times import format_ago, format_full_span, parse_time, whole_second
from bot.ionos.cluster_lookup import find_backup

SHIPPED_EVERY = timedelta(minutes=30)
SHIPPING = "changes reach the backup every 16 MB or 30 minutes"
"""Source: ionos-api-notes, section 6. An idle database ships nothing, so age alone does not show that a time
is in the backup."""

LAST_MINUTES = timedelta(minutes=5)
"""No target in place is newer: it would hardly be in the backup yet. From version 13 on, PostgreSQL ends a
recovery that does not reach its target with an error: the server is down (its manual, Recovery Target)."""

_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePoint:
    """A backup and the target time in it, UTC; `target` None is all that the backup has.

    Computed once for a command, as of `now`, and handed on. The data loss window runs from `data_end` to now.
    """

    window: BackupWindow
    target: datetime | None
    now: datetime

    @property
    def backup(self) -> Backup:
        """The backup that is restored."""
        return self.window.backup

    @property
    def is_growing(self) -> bool:
        """True for all of a backup that is still written to until the restore runs."""
        return self.target is None and self.window.is_growing

    @property
    def data_end(self) -> datetime | None:
        """Latest time, UTC, that the data is of afterwards; None where it is unknown."""
        return self.target or self.window.latest

    @property
    def is_told(self) -> bool:
        """True where `data_end` is exact."""
        return self.target is not None or self.window.is_told

    @property
    def is_archived(self) -> bool:
        """True where the API says that the backup reaches the target time, or there is none to miss."""
        told = self.backup.latest_target
        return self.target is None or (told is not None and self.target <= told)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """The flags that were given. `by_time`: the API takes a time alone and chooses the backup itself.
    `into` is the name of a new cluster, empty for a restore in place."""

    to: str
    newest: bool
    backup: str
    into: str
    by_time: bool


def choose_point(
    request: RestoreRequest, cluster: Cluster, backups: Listing[Backup], ctx: Context
) -> RestorePoint:
    """Return the backup of the cluster and the time in it. Raises InputError with the nearest possible."""
    if not (request.to or request.newest or request.backup):
        others = "or --newest" if request.by_time else "--newest, or --backup with an id"
        raise BadArgument("No target time was given.", f"Add --to with a time, {others}.")
    if request.to and request.newest:
        raise BadArgument("--to and --newest can't be used together.", "Leave out either of them.")
    windows = _list_windows(cluster, backups, ctx.now())
    named = _find_window(request.backup, cluster, backups, windows) if request.backup else None
    if named is not None:
        _must_not_be_newer(named.backup, cluster)
    if request.to:
        at = parse_past_time(request.to, ctx)
        window = _choose_covering(at, named, cluster, windows, ctx)
        point = RestorePoint(window=window, target=at, now=ctx.now())
        if not request.into and not point.is_archived and at > ctx.now() - LAST_MINUTES:
            raise _too_new_error(at, request, cluster, ctx)
        return point
    window = named or _choose_leading(request, cluster, windows, ctx)
    target = _newest_time(window, cluster, ctx) if request.by_time else None
    return RestorePoint(window=window, target=target, now=ctx.now())


def choose_backup(reference: str, cluster: Cluster, backups: Listing[Backup], now: datetime) -> RestorePoint:
    """Return all of the named backup of the cluster, else of its newest one. Raises InputError."""
    windows = _list_windows(cluster, backups, now)
    usable = [each for each in windows if each.earliest is not None]
    window = _find_window(reference, cluster, backups, windows) if reference else _choose_newest(usable, now)
    return RestorePoint(window=window, target=None, now=now)


async def find_point(reference: str, to: str, ctx: Context) -> RestorePoint:
    """Return the backup of any cluster, also of one that is gone, and the time in it. Raises InputError."""
    listing = await ctx.backups_of_all_clusters()
    window = _require_restorable(backup_window(find_backup(reference, listing), listing.items, ctx.now()))
    at = parse_past_time(to, ctx) if to else None
    if at is not None and not window.covers(at):
        raise _not_covered(window, at, ctx)
    return RestorePoint(window=window, target=at, now=ctx.now())


def find_newest(backups: Sequence[Backup], now: datetime) -> RestorePoint | None:
    """Return the newest state that is told of in a cluster's backups; None when nothing can be restored."""
    windows = [each for each in (backup_window(each, backups, now) for each in backups) if each.newest]
    return RestorePoint(window=_choose_newest(windows, now), target=None, now=now) if windows else None


def begin_backup(backups: Sequence[Backup], version: str | None) -> tuple[Backup, ...]:
    """Return a cluster's backups right after a restore in place or a major upgrade: a new one has begun, and
    has nothing to restore yet (ionos-api-notes, section 6)."""
    ended = tuple(replace(each, is_active=False) for each in backups)
    # Its id is not known before; that of an old one has at least the same form.
    new = (
        replace(each, is_active=True, earliest_target=None, postgres_version=version) for each in ended[:1]
    )
    return (*ended, *new)


def parse_past_time(text: str, ctx: Context) -> datetime:
    """Return the time that somebody typed, to go back to, in whole seconds: no more is ever shown.

    A stored change keeps the time that was approved. Raises BadArgument, also for a time to come.
    """
    at = parse_time(text, ctx.now(), ctx.invocation.actor.time_zone)
    if at > ctx.now():
        raise BadArgument(f"{ctx.format_time(at)} is in the future.", "Give a time in the past.")
    return at if ctx.is_replan else at.replace(microsecond=0)


def describe_loss(point: RestorePoint, ctx: Context) -> str:
    """Say what the restore discards, as a warning: the time, and how long before the request that was."""
    if point.is_growing:
        return f"Writes of the last 30 minutes before the restore can be lost: {SHIPPING}."
    id_, end = point.backup.id, point.data_end
    if end is None:
        return f"It is unknown what will be lost: the API doesn't say where backup {id_} ends. Use --to."
    lost = format_full_span(point.now - end)
    words = f"ll writes after {ctx.format_time(end)} will be lost ({lost} of data when requested)"
    if point.is_told:
        return f"A{words}."
    return f"At least a{words}. The API doesn't say where backup {id_} ends."


def describe_data(point: RestorePoint, ctx: Context) -> str:
    """Say as of when the data is afterwards."""
    if point.is_growing:
        return "as of the last changes in its backup when this runs"
    if point.data_end is None:
        return "as of the end of the backup, at an unknown time"
    return f"as of {ctx.format_time(point.data_end)}" + ("" if point.is_told else " or earlier")


def describe_risk(point: RestorePoint, cluster: Cluster, ctx: Context) -> tuple[str, ...]:
    """Return a warning that a restore in place may miss its target time; none where the API says it will
    not."""
    if point.target is None or point.is_archived:
        return ()
    at = ctx.format_time(point.target)
    if point.target > point.now - SHIPPED_EVERY:
        return (
            f"The backup may not reach {at} yet: {SHIPPING}. If it doesn't when this runs, the restore fails "
            "and the database can stay down.",
        )
    return (
        f"It is unknown whether the backup reaches {at}. If nothing was written to {cluster.name} after that "
        "time, the restore fails and the database can stay down.",
    )


def describe_reach(point: RestorePoint, ctx: Context) -> str:
    """Say up to when a backup can be restored, in words that follow "up to"."""
    if point.is_growing or point.data_end is None:
        return f"the last changes that have reached them ({SHIPPING})"
    return f"{ctx.format_time(point.data_end)} ({format_ago(point.data_end, point.now)})"


def describe_window(window: BackupWindow, ctx: Context) -> str:
    """Say what a backup can be restored to, in words that follow "restored", with times that can be typed."""
    if window.earliest is None:
        return "to no time yet"
    first = ctx.format_time(whole_second(window.earliest))
    if window.latest is None:
        return f"from {first} to an unknown time"
    if window.is_growing:
        return f"from {first} to the last change that has reached it ({SHIPPING})"
    last = ctx.format_time(window.latest)
    return f"from {first} to {last}" if window.is_told else f"from {first} to some time before {last}"


def spell_copy(name: str, cluster: Cluster, point: RestorePoint) -> str:
    """Return the “cluster create” line that restores this into a new cluster beside the other."""
    line = f"cluster create {quote_word(name)} --like {cluster.id} --from-backup {point.backup.id}"
    return f"{line} --to {point.target.isoformat()}" if point.target else line


def _list_windows(cluster: Cluster, backups: Listing[Backup], now: datetime) -> list[BackupWindow]:
    windows = [backup_window(each, backups.items, now) for each in backups.items]
    if all(each.earliest is None for each in windows):
        raise InputError(
            f"{cluster.name} has no backup that can be restored.", "“backup list” shows its backups."
        )
    return windows


def _find_window(
    reference: str, cluster: Cluster, backups: Listing[Backup], windows: Sequence[BackupWindow]
) -> BackupWindow:
    backup = find_backup(reference, backups, of=cluster)
    return _require_restorable(next(each for each in windows if each.backup is backup))


def _require_restorable(window: BackupWindow) -> BackupWindow:
    if window.earliest is None:
        raise InputError(
            f"Backup {window.backup.id} can't be restored yet.", "“backup show” shows its state."
        )
    return window


def _must_not_be_newer(backup: Backup, cluster: Cluster) -> None:
    """Raise InputError for a backup newer than the cluster: it restores into its own major or a newer one.

    Source: ionos-api-notes, section 6.
    """
    ours, its = cluster.postgres_version, backup.postgres_version
    if ours and its and major_version(its) > major_version(ours):
        raise InputError(
            f"Backup {backup.id} is from PostgreSQL {its}, and {cluster.name} runs the older version {ours}.",
            f"Choose a backup from PostgreSQL {ours} or older.",
        )


def _choose_leading(
    request: RestoreRequest, cluster: Cluster, windows: Sequence[BackupWindow], ctx: Context
) -> BackupWindow:
    """Return the backup that the cluster ships to, else the one that began last.

    Raises InputError while that has nothing yet: what an older one has instead can be days behind.
    """

    def began(window: BackupWindow) -> datetime:
        return find_beginning(window.backup) or _FIRST

    leading = max(windows, key=lambda each: (each.backup.is_active is True, began(each)))
    if leading.earliest is not None:
        _must_not_be_newer(leading.backup, cluster)
        return leading
    older = max((each for each in windows if each.earliest), key=began)
    whole = "" if request.by_time else f", or --backup {older.backup.id} for all of that"
    raise InputError(
        f"The newest backup of {cluster.name} can't be restored yet: its first base backup is not complete.",
        f"The backup before it can be restored {describe_window(older, ctx)}. Add --to with a time{whole}.",
    )


def _choose_newest(windows: Sequence[BackupWindow], now: datetime) -> BackupWindow:
    return max(windows, key=lambda each: each.newest or each.earliest or now)


def _newest_time(window: BackupWindow, cluster: Cluster, ctx: Context) -> datetime:
    """Return the newest time that the API says the backup reaches. Raises InputError where it says none."""
    first, told = window.earliest, window.backup.latest_target
    at = min(told, ctx.now()).replace(microsecond=0) if told else None
    if at is None or first is None or at < first:
        raise InputError(
            f"The API does not report the latest restorable time of {cluster.name}, so a restore in place "
            "needs a time.",
            f"Add --to with a time, or restore everything to a new cluster: “restore "
            f"{quote_word(cluster.name)} --newest --into NAME”.",
        )
    return at


def _too_new_error(at: datetime, request: RestoreRequest, cluster: Cluster, ctx: Context) -> InputError:
    other = "" if request.by_time else ", or use --newest for everything that has reached the backup"
    return InputError(
        f"{ctx.format_time(at)} is too recent to restore {cluster.name} in place. Changes of the last "
        f"{LAST_MINUTES.seconds // 60} minutes may not be in the backup yet, and a restore that misses its "
        "time can leave the database down.",
        f"Use an earlier time for --to, restore to a new cluster with --into{other}.",
    )


def _choose_covering(
    at: datetime,
    named: BackupWindow | None,
    cluster: Cluster,
    windows: Sequence[BackupWindow],
    ctx: Context,
) -> BackupWindow:
    """Return the newest backup in which the time lies, or the named one if it does. Raises InputError."""
    covering = [each for each in windows if each.covers(at)]
    if named is not None and named not in covering:
        raise _not_covered(named, at, ctx, covering)
    if not covering:
        nearest = _find_nearest(at, windows, ctx.now())
        raise InputError(
            f"{cluster.name} cannot be restored to {ctx.format_time(at)}: no backup covers that time.",
            f"The nearest possible time is {ctx.format_time(nearest)}." if nearest else "",
        )
    chosen = named or max(covering, key=lambda each: each.earliest or at)
    _must_not_be_newer(chosen.backup, cluster)
    return chosen


def _not_covered(
    window: BackupWindow, at: datetime, ctx: Context, covering: Sequence[BackupWindow] = ()
) -> InputError:
    others = "".join(
        f" Backup {each.backup.id} covers that time. Leave --backup out to use it." for each in covering[:1]
    )
    return InputError(
        f"Backup {window.backup.id} does not cover {ctx.format_time(at)}.",
        f"It can be restored {describe_window(window, ctx)}.{others}",
    )


def _find_nearest(at: datetime, windows: Sequence[BackupWindow], now: datetime) -> datetime | None:
    """Return the nearest restorable time, in whole seconds so that it can be typed back; None if unknown."""
    ends = []
    for each in windows:
        first = whole_second(each.earliest) if each.earliest else now
        ends += [first] if first < now else []
        ends += [each.newest.replace(microsecond=0)] if each.newest and first <= each.newest else []
    return min(ends, key=lambda end: abs(end - at), default=None)
