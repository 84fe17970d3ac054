"""Cost of the audit log: durable appends, verifying and searching a million rows, and replaying changes.

PGBOT_BENCH_AUDIT_ROWS makes the long log shorter (default 1,000,000, which is about a gigabyte on the
disk).
"""

import asyncio
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database as Sqlite

from bot.audit.log import AuditLog, add_row, row_of
from bot.audit.records import AuditEntry
from bot.domain.request import ApiRequest
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.upgrade import upgrade
from tests.bench import replay
from tests.bench.figures import Figure, percentile, progress

ROWS = int(os.environ.get("PGBOT_BENCH_AUDIT_ROWS", "1000000"))
APPENDS = 1_000
WRITERS = 8
START = datetime(2026, 1, 1, tzinfo=UTC)

VERIFY = """
import json, sys
from pathlib import Path
from bot.audit.verify import verify
verdict = verify([Path(sys.argv[1])])
assert verdict.bad is None and verdict.rows == int(sys.argv[2]), verdict
print(json.dumps({}))
"""

SEARCH = """
import asyncio, json, sys, time
from pathlib import Path
from bot.audit.records import AuditQuery
from bot.audit.log import AuditLog
from bot.runtime.database.database import SqliteDatabase

async def main():
    database = SqliteDatabase(Path(sys.argv[1]))
    await database.open()
    took = {}
    for words in sys.argv[2:]:
        started = time.perf_counter()
        found = await AuditLog(database).find(AuditQuery(words=words, limit=200))
        took[words] = (time.perf_counter() - started, len(found))
    await database.close()
    print(json.dumps(took))

asyncio.run(main())
"""

PEAK = """
print(next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line))
"""


async def measure() -> AsyncIterator[Figure]:
    """Measure appends first, then the long log."""
    with tempfile.TemporaryDirectory(prefix="pgbot-bench-") as name:
        folder = Path(name)
        for figure in [*await _appends(folder), *await asyncio.to_thread(_plain, folder)]:
            yield figure
        progress(f"Writing and verifying {ROWS:,} rows")
        for figure in await asyncio.to_thread(_long_log, folder / "long.db"):
            yield figure
        for figure in await replay.measure(folder / "long.db", ROWS):
            yield figure


def entry(number: int) -> AuditEntry:
    """Return the row of a command that made two API requests."""
    cluster = f"{number % 1000:08x}-0000-4000-8000-{number % 1000:012x}"
    url = "https://api.ionos.com/databases/postgresql/clusters"
    return AuditEntry(
        at=START + timedelta(seconds=number),
        kind="outcome",
        trace=f"{number:012x}",
        team="T0123456789",
        actor=f"slack:U{number % 200:09d}",
        channel="C0123456789",
        command="cluster show",
        text=f"cluster show orders-{number % 1000}",
        outcome="ok",
        detail=f"orders-{number % 1000}: AVAILABLE" + (" needle" if number % 50_000 == 7 else ""),
        requests=(
            ApiRequest(method="GET", url=url, status=200, milliseconds=41.5),
            ApiRequest(method="GET", url=f"{url}/{cluster}", status=200, milliseconds=38.1),
        ),
        milliseconds=84.2,
        clusters=frozenset({cluster}),
        roles="developer everyone",
        rule="permission 2",
        policy="0123456789ab",
    )


async def _appends(folder: Path) -> list[Figure]:
    figures = []
    for writers in (1, WRITERS):
        database = SqliteDatabase(folder / f"append-{writers}.db")
        await database.open()
        log = AuditLog(database)
        seconds: list[float] = []
        started = time.perf_counter()
        each = APPENDS // writers
        await asyncio.gather(*(_writer(log.append, each, seconds) for _ in range(writers)))
        rate = len(seconds) / (time.perf_counter() - started)
        await database.close()
        what = "one writer" if writers == 1 else f"{writers} writers at once"
        figures.append(_append_figure(f"audit append, durable, {what}", seconds, rate))
    return figures


async def _writer(append: Callable[[AuditEntry], Awaitable[int]], count: int, seconds: list[float]) -> None:
    for number in range(count):
        row = entry(number)
        started = time.perf_counter()
        await append(row)
        seconds.append(time.perf_counter() - started)


def _plain(folder: Path) -> list[Figure]:
    """Write the same rows with sqlite3 alone: no chain, no index of words, a commit for each."""
    figures = []
    for writers in (1, WRITERS):
        path = folder / f"plain-{writers}.db"
        columns = list(row_of(entry(0)))
        with closing(_open(path)) as db:
            db.execute(f"CREATE TABLE audit (seq INTEGER PRIMARY KEY, {', '.join(columns)})")
        seconds: list[float] = []
        started = time.perf_counter()
        arguments = (path, columns, APPENDS // writers, seconds)
        threads = [threading.Thread(target=_plain_writer, args=arguments) for _ in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = len(seconds) / (time.perf_counter() - started)
        what = "one writer" if writers == 1 else f"{writers} writers at once"
        figures.append(_append_figure(f"the same with plain sqlite3, {what}", seconds, rate, target=""))
    return figures


def _plain_writer(path: Path, columns: list[str], count: int, seconds: list[float]) -> None:
    marks = ", ".join("?" for _ in columns)
    sql = f"INSERT INTO audit ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names
    with closing(_open(path)) as db:
        for number in range(count):
            values = list(row_of(entry(number)).values())
            started = time.perf_counter()
            db.execute("BEGIN IMMEDIATE")
            db.execute(sql, values)
            db.execute("COMMIT")
            seconds.append(time.perf_counter() - started)


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=60)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    return db


def _append_figure(what: str, seconds: list[float], rate: float, target: str = "median ≤ 2 ms") -> Figure:
    median, late = statistics.median(seconds) * 1000, percentile(seconds, 0.99) * 1000
    return Figure(what, f"median {median:.2f} ms, p99 {late:.2f} ms, {rate:,.0f} rows/s", target)


def _long_log(path: Path) -> list[Figure]:
    started = time.perf_counter()
    _fill(path)
    filled = time.perf_counter() - started
    verify_seconds, verify_peak, _ = _in_a_process(VERIFY, path, str(ROWS))
    _, search_peak, printed = _in_a_process(SEARCH, path, "needle", "orders-17", "available")
    found = ", ".join(
        f"{words} {took * 1000:.0f} ms ({rows})" for words, (took, rows) in json.loads(printed).items()
    )
    size, words = _sizes(path)
    return [
        Figure(f"writing {ROWS:,} rows in one transaction", f"{filled:.1f} s"),
        Figure(
            f"audit verify, {ROWS:,} rows",
            f"{verify_seconds:.1f} s, peak {verify_peak:.0f} MB",
            "< 20 s, flat",
        ),
        Figure(f"audit search, {ROWS:,} rows (rows shown)", f"{found}, peak {search_peak:.0f} MB"),
        Figure("bytes for each row", f"{size:.0f}, of which the index of words {words:.0f}"),
    ]


def _fill(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        db = Sqlite(connection, execute_plugins=False)
        upgrade(db)
        connection.execute("BEGIN")
        for number in range(ROWS):
            add_row(db, row_of(entry(number)))
        connection.execute("COMMIT")


def _in_a_process(code: str, *arguments: Any) -> tuple[float, float, str]:
    """Return seconds, peak memory in MB (Linux) and output of a Python process of its own."""
    started = time.perf_counter()
    command = [sys.executable, "-c", code + PEAK, *map(str, arguments)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603 - our own code
    printed, peak = ended.stdout.splitlines()
    return time.perf_counter() - started, int(peak.split()[1]) / 1024, printed


def _sizes(path: Path) -> tuple[float, float]:
    """Return the bytes per row of the file and of the index of words."""
    with closing(sqlite3.connect(path)) as db:
        ((words,),) = db.execute("SELECT sum(length(block)) FROM audit_words_data").fetchall()
    return path.stat().st_size / ROWS, words / ROWS
