"""One `pgbot serve` per data folder: a lock that ends with its process, and holds the bot's address."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import ConfigError

NAME = "serve.lock"


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock while it is held."""

    descriptor: int

    def tell(self, url: str) -> None:
        """Write down the address of the bot's web server, for `bot.programs.health`."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"{url}\n".encode(), 0)


@contextmanager
def hold_data_folder(folder: Path) -> Iterator[Lock]:
    """Hold the folder's lock. Raises ConfigError at once if another process does, or it cannot be had.

    The system releases it when the process ends in any way, so a stale file is no obstacle. The file stays:
    deleting it would let two processes lock two files of that name.
    """
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigError(
            f"The data folder {folder} cannot be used: {error.strerror}.", "Check PGBOT_DATA and its rights."
        ) from None
    try:
        _lock(descriptor, folder)
        yield Lock(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigError(
            f"Another pgbot serve already works with the data folder {folder}.",
            "Stop it first, or give this one a folder of its own in PGBOT_DATA.",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"The data folder {folder} cannot be locked: {error.strerror}.",
            "Put PGBOT_DATA on a disk of this machine.",
        ) from None
