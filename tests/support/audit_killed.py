"""A process that kills itself at a chosen step of its work on the audit log; see test_audit_kills."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from audit_kit import make_entry

from bot.audit.log import AuditLog
from bot.audit.rotate import rotate
from bot.runtime.database.database import SqliteDatabase

FILE_EVENTS = frozenset({"os.link", "os.rename", "os.remove", "open", "sqlite3.connect"})


class Fuse:
    """A counter of steps that kills the process before the chosen one."""

    def __init__(self, at):
        self.left = at

    def step(self, *_):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def rotating(folder, fuse):
    """Rotate the log, and be killed before the nth file operation in the folder."""

    def hook(event, args):
        if event in FILE_EVENTS and str(folder) in str(args[0]):
            fuse.step()

    sys.addaudithook(hook)
    rotate(folder / "pgbot.db", os.environ["AUDIT_KEY"].encode(), datetime(2026, 11, 23, tzinfo=UTC))


async def appending(folder, fuse):
    """Append rows and do what each announces; be killed before the nth SQL statement."""
    database = SqliteDatabase(folder / "pgbot.db")
    await database.open()
    await database.write(lambda db: db.conn.set_trace_callback(fuse.step))
    log = AuditLog(database)
    with (folder / "done.txt").open("a") as done:
        for number in range(2):
            await log.append(make_entry(number))
            done.write(f"{number:012x}\n")
            done.flush()
    await database.close()


if __name__ == "__main__":
    what, where, when = sys.argv[1:]
    if what == "rotate":
        rotating(Path(where), Fuse(int(when)))
    else:
        asyncio.run(appending(Path(where), Fuse(int(when))))
