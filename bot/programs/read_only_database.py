"""The bot's database as programs read it beside `serve`, or without one."""

from pathlib import Path
from typing import Any

from bot.domain.errors import StoreError
from bot.runtime.database.database import SqliteDatabase, Work


class ReadOnlyDatabase(SqliteDatabase):
    """The bot's database as a program reads it that must not write it. A missing file cannot be read."""

    async def write(self, _work: Work[Any]) -> Any:
        """Raise StoreError."""
        raise StoreError("Only pgbot serve writes the bot's database.", "Start it, then run this again.")

    def _unusable(self, error: BaseException) -> StoreError:
        return StoreError(
            f"The bot's database {self.path} cannot be read here: {error}.",
            "Start pgbot serve, then run this again: it reads for you.",
        )


def is_missing(path: Path) -> bool:
    """Return whether there is certainly no such file: a folder that may not be entered tells nothing."""
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        pass
    return False
