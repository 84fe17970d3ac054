"""The bot's database as programs read it beside `serve`, or without one."""

import asyncio
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.errors import StoreError
from bot.runtime.database.database import SqliteDatabase, Work

T = TypeVar("T")


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
        """Read from the file."""
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
