"""Writes the audit log out, row by row, and keeps at it while the log grows."""

import asyncio
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from bot.audit.export import Format, header, last_row, line
from bot.audit.offline_file import opened, rows
from bot.domain.errors import StoreError
from bot.runtime.clock import Clock

POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What to write out of which file, from row number `since` on."""

    source: Path
    form: Format
    since: int = 1

    def write(self, out: TextIO, last: int = 0) -> int:
        """Write every row behind `last` that there is now, and return the number of the last one written.

        Raises StoreError when rows behind `last` are not in this file: nothing is ever left out in silence.
        """
        with opened(self.source) as connection:
            for row in rows(connection, max(last, self.since - 1)):
                if last and row["seq"] != last + 1:
                    raise StoreError(
                        f"Rows {last + 1} to {row['seq'] - 1} are not in {self.source}.",
                        "They are in the file before it: export that one first, with --db.",
                    )
                if not last:
                    out.write(header(self.form, list(row)))
                out.write(line(self.form, row))
                last = row["seq"]
        out.flush()
        return last

    async def follow(self, out: TextIO, last: int, clock: Clock, settle: Callable[[], None]) -> None:
        """Write on and on, until cancelled. `settle` is called when something new was written."""
        while True:
            written = await self._written(out, last)
            if written != last:
                settle()
            last = written
            await clock.sleep(POLL_SECONDS)

    async def _written(self, out: TextIO, last: int) -> int:
        """`write`, off the loop. Whoever cancels gets what was begun to its end: no line is left half."""
        writing = asyncio.create_task(asyncio.to_thread(self.write, out, last))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise


@contextmanager
def continued(path: Path, form: Format) -> Iterator[tuple[TextIO, int]]:
    """An export to be gone on with: its file, and the last row it holds.

    Raises StoreError when it cannot be written, or is being written by somebody else.
    """
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            path.chmod(0o600)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield file, last_row(form, path)
    except BlockingIOError:
        raise StoreError(f"{path} is being written by another export.", "Stop that one first.") from None
    except OSError as error:
        raise StoreError(f"{path} could not be written: {error}.", "Check the folder and the disk.") from None


@contextmanager
def made_new(path: Path | None) -> Iterator[TextIO]:
    """A file that has its name once it is complete; standard output for None. Raises StoreError."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        part.replace(path)
    except OSError as error:
        raise StoreError(f"{path} could not be written: {error}.", "Check the folder and the disk.") from None
    finally:
        part.unlink(missing_ok=True)


def to_disk(file: TextIO) -> Callable[[], Any]:
    """What makes sure that all that was written to the file is on the disk."""
    return lambda: os.fsync(file.fileno())
