"""Changes that somebody may see, however many others there are between them."""

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.changes.record import ChangeRecord, ChangeState
from bot.commands.context import Context

CHUNK = 500
"""Changes read at a time."""


async def find_changes(
    ctx: Context,
    states: Iterable[ChangeState],
    most: int,
    may_see: Callable[[ChangeRecord], bool],
    *,
    since: datetime | None = None,
) -> list[ChangeRecord]:
    """Return the newest `most` changes in these states that `may_see` selects, with `since` those proposed
    from then on.

    A limit of those that are read would tell of the others: visible ones would be missing for them.
    """
    found: list[ChangeRecord] = []
    offset, wanted = 0, tuple(states)
    while len(found) < most:
        chunk = await ctx.changes.rows.newest(wanted, CHUNK, offset=offset, since=since)
        found += [each for each in chunk if may_see(each)]
        offset += len(chunk)
        if len(chunk) < CHUNK:
            break
    return found[:most]
