"""One process that writes a database, whatever path it takes to it: a lock that ends with the process.

The lock file lies in the folder where the database really is: symbolic links to the folder or to the file
lead to the same lock. A second name of the same file (a hard link) has another folder, so it is refused.
"""

import fcntl
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bot.domain.errors import ConfigError

NAME = "serve.lock"

BOOT = Path("/proc/sys/kernel/random/boot_id")
"""The kernel's own name for the time since it was started; containers of one machine share it."""

_MOST_LINKS = 40
"""As many as Linux follows."""

FileIdentity = tuple[int, int]
"""Device and inode of a file."""


@dataclass(frozen=True, slots=True)
class WriterLock:
    """The lock while it is held; it also holds the address of the bot's web server."""

    path: Path
    descriptor: int
    identity: FileIdentity

    def tell(self, url: str) -> None:
        """Write down the address of the bot's web server, for `bot.programs.health`."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"{url}\n".encode(), 0)

    def is_in_place(self) -> bool:
        """Return whether its file still has its name. Without it another process could hold another lock."""
        return identify_file(self.path) == self.identity

    def release(self) -> None:
        os.close(self.descriptor)

    @property
    def home(self) -> str:
        """Return the name of the lock's file on the running system; "" where the system has no such name.

        A copy has another one, and so has the same file after a reboot, or on a disk that two machines share.
        """
        return name_home(self.identity)


def identify_file(path: Path) -> FileIdentity | None:
    """Return device and inode of the file that has this name now; None when it cannot be found."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def name_home(identity: FileIdentity | None) -> str:
    """Return the name of a file on the running system; "" where it cannot be told."""
    try:
        boot = BOOT.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
    return sha256(f"{boot} {identity}".encode()).hexdigest()[:16] if boot and identity else ""


def lock_database(database: Path) -> WriterLock:
    """Hold the right to write a database until `release`, and make its folder if there is none.

    Raises ConfigError at once if another process holds it, it cannot be had, or the file has a second name.
    The system releases it when the process ends in any way, so a stale file does no harm. The file stays:
    deleting it would let two processes lock two files of that name.
    """
    path = follow_links(database).with_name(NAME)
    folder = database.parent
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"The data folder {folder} cannot be used: {error.strerror}.", "Check PGBOT_DATA and its rights."
        ) from None
    try:
        _lock(descriptor, folder)
        found = os.fstat(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return WriterLock(path, descriptor, (found.st_dev, found.st_ino))


def refuse_second_name(database: Path) -> None:
    """Raise ConfigError for a file with a hard link: writes through two names would damage it."""
    try:
        names = database.stat().st_nlink
    except OSError:
        return
    if names > 1:
        raise ConfigError(
            f"{database} has a hard link, and a database that is written through two names is damaged.",
            f"Remove the other name: find / -samefile {database}. After an interrupted “pgbot audit rotate”, "
            "run that again.",
        )


def follow_links(path: Path) -> Path:
    """Return where a file is in the end, if its name is a link. Raises ConfigError for links in a circle.

    The folders above are left to the kernel, which alone knows where they lead: `/proc/PID/root` reads as
    `/`.
    """
    for _ in range(_MOST_LINKS):
        try:
            path = path.parent / path.readlink()
        except OSError:  # no link, no such file, or a folder that may not be entered
            return path
    raise ConfigError(f"{path} is a link that leads in a circle.", "Check PGBOT_DATA.")


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigError(
            f"Another pgbot serve already works with the data folder {folder}.",
            "Stop it first. Only one bot may use a Slack app, whatever folder it has.",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"The data folder {folder} cannot be locked: {error.strerror}.",
            "Put PGBOT_DATA on a disk of this machine.",
        ) from None
