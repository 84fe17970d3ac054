"""Time of a site that passes only while its bot waits for it, however slow the machine is."""

import asyncio
import inspect
from datetime import timedelta

import anyio

LOOKS = 3
"""In a row in which nothing may be at work: what is on its way through a socket is in no task."""

LIMIT = 120
"""Seconds; no measure of the bot, only the end of a test that waits for what never happens."""


async def until(site, holds, seconds=10):
    """Let steps of that many seconds pass until the condition, awaitable or not, holds; return its result."""
    with anyio.fail_after(LIMIT):
        while True:
            found = holds()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return found
            await settle()
            site.demo.clock.advance(timedelta(seconds=seconds))
            site.demo.cloud.take_due_steps()


async def ended(site, change):
    """Let time pass until that change has ended; return its record."""

    async def look():
        record = await site.bot.kernel.dispatcher.changes.rows.get(change)
        return not record.is_open and record

    return await until(site, look)


async def settle():
    """Wait until each other task waits for something that is no thread's work.

    Time that passed sooner would use up the limits of what a slow machine has not done yet.
    """
    own = asyncio.current_task()
    looks = 0
    while looks < LOOKS:
        await asyncio.sleep(0.001)
        at_work = any(_is_at_work(task) for task in asyncio.all_tasks() if task is not own)
        looks = 0 if at_work else looks + 1


def _is_at_work(task):
    waits_for = task._fut_waiter
    return waits_for is None or waits_for.done() or _is_made_by_thread(waits_for)


def _is_made_by_thread(future):
    """Return whether a thread's result is chained to it, directly or behind asyncio.shield."""
    for callback, _ in future._callbacks or ():
        name = getattr(callback, "__qualname__", "")
        inside = (each.cell_contents for each in getattr(callback, "__closure__", None) or ())
        if "_chain_future" in name or (
            "_outer_done_callback" in name
            and any(asyncio.isfuture(each) and _is_made_by_thread(each) for each in inside)
        ):
            return True
    return False
