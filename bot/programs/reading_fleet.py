"""The fleet as programs read it that write nothing, and their progress on a terminal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.domain.errors import StoreError
from bot.domain.text_safety import escape_invisible_line
from bot.ionos.credentials import resolve_addresses
from bot.ionos.fleet import Fleet, open_fleet
from bot.ionos.http_errors import HttpCall
from bot.ionos.transport import TransportOptions
from bot.programs.contract_secrets import access_of
from bot.programs.terminal_screen import PROGRESS
from bot.runtime.checked_clock import find_date_listener
from bot.runtime.clock import Clock
from bot.settings.model import Settings


@asynccontextmanager
async def reading_fleet(settings: Settings, clock: Clock) -> AsyncIterator[Fleet]:
    """Open the fleet read-only: a write needs the audit log, and that its database. Raises ConfigError."""
    addresses = resolve_addresses(settings.ionos.api_url, settings.ionos.region_url)
    accesses = [await access_of(contract) for contract in settings.ionos.contracts]
    wiring = TransportOptions(before_write=_refuse, note_date=find_date_listener(clock))
    fleet = open_fleet(accesses, addresses, clock=clock, wiring=wiring)
    try:
        yield fleet
    finally:
        await fleet.close()


async def _refuse(call: HttpCall) -> None:
    raise StoreError(f"{call.method} {call.path} was not sent, because this program only reads.")


async def say_on_terminal(words: str) -> None:
    """Show progress on a terminal; a log or a pipe is spared it."""
    PROGRESS.show(escape_invisible_line(words))
