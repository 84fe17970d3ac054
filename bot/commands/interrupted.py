"""Interrupted commands: their process was killed, and the audit log records each once."""

from dataclasses import dataclass
from datetime import timedelta

from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.runtime.clock import Clock

MAX_RUNTIME = timedelta(hours=1)
"""No command runs longer; what began since may still be running, in this process or in another."""


async def close_orphans(audit: AuditLog, clock: Clock) -> int:
    """Give an outcome to every command that began and has none; at the start. Raises StoreError.

    Deliveries that the inbox still has to answer are left to it: they may be run again. Intents of changes
    are rows of the change's own life, and the engine carries them on.
    """
    orphans = await audit.interrupted_commands(clock.now() - MAX_RUNTIME)
    for each in orphans:
        entry = AuditEntry(
            at=clock.now(),
            kind="outcome",
            trace=each.trace,
            team=each.team,
            actor=each.actor,
            channel=each.channel,
            command=each.command,
            text=each.text,
            outcome=CUT_OFF,
            detail=f"the bot stopped before the command finished; it started with entry {each.seq}",
        )
        await audit.append(entry)
    return len(orphans)


CUT_OFF = "cut off"
"""The outcome of a command that had begun when the bot stopped; how it ended is not known."""

STALLED = "stalled"
"""The outcome of a command over which the bot stood still until it was ended. It is not run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredDelivery:
    """A delivery that was taken in and not answered, because the bot stopped or could not answer.

    `began` and `ended` are what the audit has of it: the word of its first row (`accepted`, `denied`, …)
    and of its outcome, None where there is no such row; `command` comes from that first row. `is_stalled`:
    the bot stood still while it worked on this, and was ended.
    """

    key: str
    trace: str
    user: str
    channel: str
    text: str
    team: str = ""
    command: str = ""
    began: str | None = None
    ended: str | None = None
    is_stalled: bool = False

    @property
    def is_cut_off(self) -> bool:
        """Return whether it began and nobody knows how it ended."""
        return self.began == "accepted" and self.ended is None
