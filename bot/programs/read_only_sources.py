"""The sources of programs that write nothing: the fleet, and the bot's database beside `serve` or alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from bot.domain.errors import StoreError
from bot.domain.text_safety import escape_invisible_line
from bot.ionos.credentials import ContractAccess, resolve_addresses
from bot.ionos.fleet import Fleet, open_fleet
from bot.ionos.http_errors import HttpCall
from bot.ionos.transport import TransportOptions
from bot.programs.terminal_screen import PROGRESS
from bot.runtime.checked_clock import find_date_listener
from bot.runtime.clock import Clock
from bot.runtime.database.database import SqliteDatabase, Work
from bot.settings.model import Settings
from bot.settings.secrets import Reference, resolve_secret, resolve_token
from bot.settings.sections import ContractSettings

T = TypeVar("T")


async def access_of(contract: ContractSettings) -> ContractAccess:
    """Return a contract's credentials, resolved. Raises ConfigError."""

    async def secret(reference: Reference | None) -> SecretStr | None:
        return None if reference is None else await resolve_secret(reference)

    token = None if contract.token is None else await resolve_token(contract.token)
    return ContractAccess(
        name=contract.name,
        number=contract.number,
        token=token,
        username=await secret(contract.username),
        password=await secret(contract.password),
    )


async def configured_fleet(settings: Settings, clock: Clock, options: TransportOptions) -> Fleet:
    """Open the fleet of the contracts in app.yaml; a `CheckedClock` is compared with its answers. Raises
    ConfigError."""
    addresses = resolve_addresses(settings.ionos.api_url, settings.ionos.region_url)
    accesses = [await access_of(contract) for contract in settings.ionos.contracts]
    options = replace(options, note_date=find_date_listener(clock))
    return open_fleet(accesses, addresses, clock=clock, wiring=options)


@asynccontextmanager
async def reading_fleet(settings: Settings, clock: Clock) -> AsyncIterator[Fleet]:
    """Open the fleet read-only: a write needs the audit log, and that its database. Raises ConfigError."""
    fleet = await configured_fleet(settings, clock, TransportOptions(before_write=_refuse))
    try:
        yield fleet
    finally:
        await fleet.close()


async def _refuse(call: HttpCall) -> None:
    raise StoreError(f"{call.method} {call.path} was not sent, because this program only reads.")


async def say_on_terminal(words: str) -> None:
    """Show progress on a terminal; a log or a pipe is spared it."""
    PROGRESS.show(escape_invisible_line(words))


class ReadOnlyDatabase(SqliteDatabase):
    """The bot's database as a program reads it that must not write it. A missing file cannot be read."""

    async def write(self, _work: Work[Any]) -> Any:
        """Raise StoreError."""
        raise StoreError("Only pgbot serve can write the bot's database.", "Start it, then run this again.")

    def _unusable(self, error: BaseException) -> StoreError:
        return StoreError(
            f"Can’t read the bot's database {self.path}: {error}.",
            "Start pgbot serve, which reads it for you, then run this again.",
        )


class EmptyDatabase(SqliteDatabase):
    """A database without rows, where the bot has none yet. Its file is made when it is first asked."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._opening = asyncio.Lock()

    @property
    def is_empty(self) -> bool:
        """True until something is written: to make the file takes longer than most commands."""
        return self.is_closed

    async def write(self, work: Work[T]) -> T:
        """Write to the file, which lasts as long as its folder."""
        await self._open_once()
        return await super().write(work)

    async def read(self, work: Work[T]) -> T:
        await self._open_once()
        return await super().read(work)

    async def _open_once(self) -> None:
        async with self._opening:
            if self.is_closed:
                await self.open()


def is_missing(path: Path) -> bool:
    """Return whether there is certainly no such file: a folder that may not be entered tells nothing."""
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        pass
    return False
