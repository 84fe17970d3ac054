"""Commands of which nobody knows how they ended: their process was killed, and the log says so, once each."""

from datetime import timedelta

from bot.audit.log import AuditLog, Entry
from bot.commands.dispatcher import CUT_OFF
from bot.runtime.clock import Clock

LONGEST = timedelta(hours=1)
"""No command runs longer; what began since may still be running, in this process or in another."""


async def close_orphans(audit: AuditLog, clock: Clock) -> int:
    """Give an outcome to every command that began and has none; at the start. Raises StoreError.

    Deliveries that the inbox still has to answer are left to it: they may be run again. Intents of changes
    are rows of the change's own life, and the engine carries them on.
    """
    orphans = await audit.orphans(clock.now() - LONGEST)
    for each in orphans:
        entry = Entry(
            at=clock.now(),
            kind="outcome",
            trace=each.trace,
            team=each.team,
            actor=each.actor,
            channel=each.channel,
            command=each.command,
            text=each.text,
            outcome=CUT_OFF,
            detail=f"began with row {each.seq}; its process ended before it had",
        )
        await audit.append(entry)
    return len(orphans)
