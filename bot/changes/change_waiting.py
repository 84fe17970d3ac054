"""Following a change to its end, for a program that waits."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.changes.card import describe_progress, describe_state
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.store import ChangeRows
from bot.runtime.clock import Clock

LOOK_SECONDS = 1.0
"""Between two looks at the row of the change."""


async def follow_to_end(
    record: ChangeRecord,
    rows: ChangeRows,
    clock: Clock,
    tell: Callable[[str], Awaitable[None]],
    limit: timedelta | None = None,
) -> ChangeRecord:
    """Return the change when it is over or needs a person to settle it, else as it is after `limit`.

    Where another change takes its place, that one is followed. `tell` receives each new state in words.
    """
    until, said = None if limit is None else clock.now() + limit, ""
    while True:
        words = f"{record.id}: {_describe(record)}"
        if words != said:
            await tell(words)
            said = words
        after = await rows.replacing(record.id) if record.state is ChangeState.REPLACED else None
        if after is None:
            is_late = until is not None and clock.now() >= until
            if not record.is_open or record.state is ChangeState.UNKNOWN or is_late:
                return record
            await clock.sleep(LOOK_SECONDS)
        record = after or await rows.get(record.id) or record


def _describe(record: ChangeRecord) -> str:
    state, progress = describe_state(record), describe_progress(record)
    return f"{state}. {progress}" if progress and progress not in state else state
