"""What a restore in place loses, said so that it stays true until it runs."""

from collections.abc import Iterable

from bot.commands.context import Context
from bot.domain.cluster import Backup
from bot.domain.recovery_window import end_of, goes_on
from bot.domain.times import full_span
from handlers.shared.cluster_checks import in_both
from handlers.shared.cluster_defaults import Source
from handlers.shared.restore_point import SHIPPED_EVERY, SHIPPING


def lost(source: Source, backups: Iterable[Backup], ctx: Context) -> str:
    """What is gone afterwards, as a warning: absolutely, and how much that was when it was asked for."""
    if _is_newest(source):
        return f"What was written in the 30 minutes before it runs can be lost: {SHIPPING}."
    end, id_ = end_of(source.backup, backups, ctx.now()), source.backup.id
    at = source.target or end.at
    if at is None:
        return f"What is lost cannot be told: nobody says where backup {id_} ends. Say a time with --to."
    words = f"verything written after {in_both(at, ctx)} is lost: {full_span(ctx.now() - at)} when this was "
    if source.target or end.is_told:
        return f"E{words}asked for."
    return f"At least e{words}asked for. Where backup {id_} ends is not told."


def as_of(source: Source, backups: Iterable[Backup], ctx: Context) -> str:
    """As of when the data is afterwards."""
    if _is_newest(source):
        return "as of what was shipped to its backup when it runs"
    end = end_of(source.backup, backups, ctx.now())
    if source.target or end.is_told:
        return f"as of {in_both(source.target or end.at or ctx.now(), ctx)}"
    return f"as of {in_both(end.at, ctx)} or earlier" if end.at else "as of the end of the backup, not told"


def unsure(source: Source, ctx: Context) -> tuple[str, ...]:
    """A note on a time that is so near that its changes may not be in the backup yet."""
    if source.target is None or source.target < ctx.now() - SHIPPED_EVERY:
        return ()
    return (f"What is newer than 30 minutes when it runs may not be in the backup yet: {SHIPPING}.",)


def _is_newest(source: Source) -> bool:
    """Whether it is all of a backup that grows until then."""
    return source.target is None and goes_on(source.backup)
