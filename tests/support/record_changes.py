"""A recorder of the databases of a bot that stopped in the middle of a change; run by hand before each
release.

`python tests/support/record_changes.py` writes them to tests/changes/recorded/<last step of the schema>/.
Existing ones are never made again: they are what earlier releases have left behind.
"""

import asyncio
import gzip
import os
import signal
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from change_kit import SECRETS, TARGET
from crash_site import crash_site
from sqlite_utils import Database

from bot.changes.record import ChangeState
from bot.runtime.database.upgrade import schema

RECORDED = Path(__file__).parents[1] / "changes" / "recorded"


@dataclass(frozen=True)
class Stop:
    """The point and the change at which the earlier bot was killed. Without a `point`: once it was
    unknown."""

    point: str = ""
    line: str = f"restore {{}} --to {TARGET}"
    decision: str = "approve"
    api: str = "v1"


STOPS = {
    "proposed": Stop("card recorded", decision=""),
    "unsent": Stop("before arming"),
    "sent": Stop("sending recorded"),
    "acted": Stop("acted"),
    "acted-v2": Stop("acted", api="v2"),
    "seen": Stop("seen"),
    "drilled": Stop("drill watched", "drill {}", "confirm"),
    "unknown": Stop(),
}


async def record(folder):
    """Record every missing one, each in front of simulators of its own, as its test has them."""
    for name, stop in STOPS.items():
        to = RECORDED / last_step()
        if not (to / f"{name}.pgbot.db.gz").exists():
            async with crash_site(folder) as site:
                await stopped(site, folder / name, stop)
            for file in sorted((folder / name).glob("*.db")):
                keep(file, to / f"{name}.{file.name}.gz")


async def stopped(site, data, stop):
    """Return the data of a bot that was killed there."""
    cluster = site.stage.clusters(stop.api)[0]
    async with site.stage.room(data) as room:
        change = await agreed(room, cluster, stop)
        if stop.point:
            code = await site.zygote.end_of(await site.start(data, stop.point))
            assert code == -signal.SIGKILL, code
            return
        site.stage.cloud.switches = replace(site.stage.cloud.switches, restore_trace="none")
        pid = await site.start(data)
        await room.until(change.id, ChangeState.UNKNOWN)
        await room.told()
        await site.zygote.end_of(pid, signal.SIGKILL)
        await agreed(room, cluster, stop)  # waits behind it


async def agreed(room, cluster, stop):
    change = await room.asks("alice", stop.line.format(cluster.id))
    who = "alice" if stop.decision == "confirm" else "bob"
    if stop.decision:
        assert (await room.says(who, f"change {stop.decision} {change.id}")).ok
    return change


def last_step():
    """Return the last schema step of the databases."""
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
