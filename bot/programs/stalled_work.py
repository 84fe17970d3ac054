"""The work over which the last process stood still until it was ended: it is marked, and not done again."""

import re
from pathlib import Path

from bot.reports.record import STALLED, SlotState
from bot.reports.store import ReportRows
from bot.runtime.logger import get_logger
from bot.runtime.watchdog import read_stall
from bot.slack.inbox import Inbox

log = get_logger()

_TRACE = re.compile("[0-9a-f]{12}")
"""The name of a task that runs a command; one from the terminal is in no inbox."""


async def mark_stalled_work(path: Path, inbox: Inbox, reports: ReportRows) -> None:
    """Mark what the last process worked on when its loop stood still, if it did. Raises StoreError.

    The stall names its task, for a command its trace. Where it does not, everything that was under way is
    marked: typing a command again costs less than another stall.
    """
    stall = read_stall(path)
    if stall is None:
        return
    log.error(
        "the last process was stopped because its event loop was stuck", trace=stall.task, stack=stall.stack
    )
    left = await inbox.unanswered()
    making = [each for each in await reports.open_slots() if each.state is SlotState.MAKING]
    deliveries = [each for each in left if each.trace == stall.task]
    slots = [each for each in making if each.id == stall.task]
    if not (deliveries or slots or _TRACE.fullmatch(stall.task)):
        deliveries, slots = left, making
    await inbox.mark_stalled(deliveries)
    for slot in slots:
        await reports.move(slot, since=SlotState.MAKING, why=STALLED)
    path.unlink(missing_ok=True)  # noqa: ASYNC240 - one short file, before anything else runs
