"""The watch over the audit log in `serve`: it verifies the log again and again, and records doubts."""

from dataclasses import dataclass, field

from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.audit.verified_log import ALARM
from bot.domain.errors import StoreError
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger

log = get_logger()

LOOK_SECONDS = 60.0
"""Seconds between two looks at whether the log has come into doubt."""

VERIFY_SECONDS = 3_600.0
"""Seconds from one verification of the whole log to the next: rows may be altered behind what is verified."""

PAUSE_SECONDS = 0.02
"""Seconds between two chunks of a verification that nobody waits for, so that it takes no core for itself."""


@dataclass(slots=True, kw_only=True)
class LogWatch:
    """A loop that verifies the log and writes a row when it comes into doubt."""

    audit: AuditLog
    clock: Clock
    _recorded: str = ""
    _verified: float = field(default=float("-inf"))

    async def run(self) -> None:
        """Watch for ever; ends only when cancelled. What fails is tried again at the next look."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.warning("audit log not verified", error=str(error))
            await self.clock.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Verify what is new, all of it where that is due, and record a doubt. Raises StoreError."""
        await self.audit.catch_up()
        if self.clock.monotonic() - self._verified >= VERIFY_SECONDS:
            if self._verified > float("-inf"):
                await self._verify_again()
            self._verified = self.clock.monotonic()
        await self._record_doubt()

    async def _verify_again(self) -> None:
        walk = self.audit.verified.new_walk()
        while not await self.audit.verify_further(walk):
            await self.clock.sleep(PAUSE_SECONDS)

    async def _record_doubt(self) -> None:
        doubt = self.audit.verified.doubt
        if not doubt or doubt == self._recorded:
            return
        log.error("audit log in doubt", why=doubt)
        await self.audit.append(
            AuditEntry(
                at=self.clock.now(),
                kind=ALARM,
                trace="-",
                team="",
                actor="bot",
                channel="",
                outcome="in doubt",
                detail=doubt,
            )
        )
        self._recorded = doubt
