"""Records the databases of a bot that stopped in the middle of a change; run by hand before each release.

`python tests/support/record_changes.py` writes them to tests/changes/recorded/<last step of the schema>/.
What stands there is never made anew: it is what earlier releases have left behind.
"""

import asyncio
import gzip
import os
import signal
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from change_kit import SECRETS, TARGET
from crash_site import crash_site
from sqlite_utils import Database

from bot.store.schema import schema

RECORDED = Path(__file__).parents[1] / "changes" / "recorded"
STOPPED_AT = {"proposed": None, "unsent": "before arming", "sent": "sending recorded"}
"""Where the earlier bot was stopped; None: before anybody had agreed."""


async def record(folder):
    async with crash_site(folder) as site:
        cluster = site.stage.clusters("v1")[0]
        for name, point in STOPPED_AT.items():
            data = folder / name
            async with site.stage.room(data) as room:
                change = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
                if point is not None:
                    await room.says("bob", f"change approve {change.id}")
                pid = await site.start(data, point or "card recorded")
                code = await site.zygote.end_of(pid)
                assert code == -signal.SIGKILL, code
            for file in sorted(data.glob("*.db")):
                keep(file, RECORDED / last_step() / f"{name}.{file.name}.gz")


def last_step():
    """The schema that the databases have."""
    with closing(sqlite3.connect(":memory:")) as connection:
        return schema.pending(Database(connection))[-1].name


def keep(file, to):
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute("VACUUM")
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    sys.stdout.write(f"{to.name}: {to.stat().st_size} bytes\n")


if __name__ == "__main__":
    os.environ.update(SECRETS)
    with tempfile.TemporaryDirectory(prefix="pgbot-recorded-") as name:
        asyncio.run(record(Path(name)))
