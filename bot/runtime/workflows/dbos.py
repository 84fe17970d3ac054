"""DBOS Transact behind the port; the only file that names it. One engine per process: DBOS is a singleton."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

# Both are imported by the engine when it is opened, while the bot already listens: see `bot.programs.serve`.
import dbos._sys_db_sqlite  # noqa: F401 - imported for later
import sqlalchemy.dialects.sqlite  # noqa: F401 - imported for later
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID, error
from dbos._migration import sqlite_migrations
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.errors import StoreError
from bot.runtime.database.sqlite import SqlError, open_for_reading, prepare_file
from bot.runtime.logger import get_logger
from bot.runtime.workflows.port import Json, Workflow, may_stop

log = get_logger()

VERSION = "wf-1"
"""Constant on purpose: DBOS recovers only workflows of its own version, and its default is a hash of code."""

EXECUTOR = "pgbot"
"""Constant too, so that a restart recovers at once; `bot.runtime.instance_lock` allows only one."""

UNENDED = ["PENDING", "ENQUEUED", "DELAYED"]

# DBOS gives its logger a handler of its own where it finds none: that one writes past our form and redaction.
logging.getLogger("dbos").addHandler(logging.NullHandler())

_workflows: dict[str, Workflow] = {}


@dataclass(frozen=True, slots=True)
class _RunningWorkflow:
    """A workflow that this process runs, and its `Steps`. Its task is done when its end is written, or cannot
    be."""

    task: asyncio.Task[None]
    may_stop: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_stop.set()

    async def run(self, name: str, step: Callable[[], Awaitable[Json]]) -> Json:
        async def taken() -> Json:
            return await step()

        try:
            return await DBOS.run_step_async({"name": name}, taken)
        finally:
            self.may_stop.set()

    async def cut_off(self, seconds: float) -> None:
        """Cancel it, which leaves it pending in the file: the next start goes on with it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.may_stop.wait()
        self.task.cancel()
        await asyncio.wait({self.task})


_carried: dict[str, _RunningWorkflow] = {}
"""By workflow id."""


@DBOS.workflow(name="pgbot", max_recovery_attempts=None)
async def _run(kind: str, payload: dict[str, Json]) -> None:
    # DBOS runs the whole of it in one task, which writes the end after this has returned.
    carried = _RunningWorkflow(cast("asyncio.Task[None]", asyncio.current_task()))
    _carried[cast("str", DBOS.workflow_id)] = carried
    may_stop.set(carried.may_stop)
    await _workflows[kind](payload, carried)


class DbosEngine:
    """The port's `Engine` on one SQLite file. Made by `open_engine`."""

    def __init__(self) -> None:
        self._starts, self._idle_since = 0, -1

    async def start(self, kind: str, workflow_id: str, payload: Mapping[str, Json]) -> None:
        self._starts += 1
        try:
            with SetWorkflowID(workflow_id):
                await DBOS.start_workflow_async(_run, kind, dict(payload))
        finally:
            self._starts += 1  # again, for a look that was under way before it was in the file

    async def running(self) -> frozenset[str]:
        """Return the ids of workflows that have begun and not ended.

        One whose end could not be written, because the disk was full, would stay among them until the next
        start: it is cancelled, so that it is not resumed then beside what replaced it.
        """
        if self._starts == self._idle_since:
            return frozenset()  # nothing else begins a workflow, and to look takes a millisecond
        starts = self._starts
        over = {each for each, carried in _carried.items() if carried.task.done()}
        found = await DBOS.list_workflows_async(status=UNENDED, load_input=False, load_output=False)
        ids = frozenset(each.workflow_id for each in found)
        for stranded in ids & over:
            log.warning("workflow ended without a record of it", workflow=stranded)
            await self.cancel(stranded)
        for each in over:
            _carried.pop(each, None)
        if not ids:
            self._idle_since = starts
        return ids - over

    async def cancel(self, workflow_id: str) -> None:
        await DBOS.cancel_workflow_async(workflow_id)

    async def prune(self, before: datetime) -> int:
        ended = await DBOS.list_workflows_async(
            completed_before=before.astimezone(UTC).isoformat(), load_input=False, load_output=False
        )
        ids = [each.workflow_id for each in ended]
        if ids:
            await DBOS.delete_workflows_async(ids)
        return len(ids)


@asynccontextmanager
async def open_engine(
    path: Path, workflows: Mapping[str, Workflow], seconds: float = 0.0
) -> AsyncIterator[DbosEngine]:
    """Open the engine on `path`, resuming what a crash left behind. Raises StoreError when it cannot be used.

    At the end, steps that hold the stop (`hold_stop`) have `seconds` seconds. The caller holds the data
    folder: two engines with one executor id would strand each other's work.
    """
    with _usable(path):
        await asyncio.to_thread(_prepared, path)
    _workflows.clear()
    _workflows.update(workflows)
    engine = DBOS(config=_config(path))
    try:
        with _usable(path):
            DBOS.launch()
        yield DbosEngine()
    finally:
        try:
            while left := _unended(engine):
                await asyncio.gather(*(each.cut_off(seconds) for each in left))
        finally:
            _carried.clear()
            # DBOS has made its own pool the loop's, and shuts it down: commands that still run need one.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
            await asyncio.to_thread(DBOS.destroy)


def _unended(engine: DBOS) -> list[_RunningWorkflow]:
    """Return what runs, and what has been begun and waits for its first turn: nothing is to be left to a loop
    whose engine is gone."""
    known = {each.task: each for each in _carried.values()}
    begun = engine._workflow_tasks  # noqa: SLF001 - no public name; the tests of the engine fail without it
    return [known.get(each) or _RunningWorkflow(each) for each in {*known, *begun} if not each.done()]


@contextmanager
def _usable(path: Path) -> Generator[None, None, None]:
    """Raise StoreError in place of errors that mean that the file cannot be used."""
    try:
        yield
    except (OSError, SqlError, SQLAlchemyError, error.DBOSException) as cause:
        reason = getattr(cause, "orig", None) or cause
        raise StoreError(
            f"The engine's file {path} cannot be used: {reason}.",
            f"Make sure that the disk has room. If the file is damaged, move {path.name} away, and with it "
            f"{path.name}-wal and {path.name}-shm, and start again: what was sent is followed from pgbot.db, "
            "and what was only approved asks for a new decision.",
        ) from cause


def _prepared(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    prepare_file(path)
    path.chmod(0o600)
    _require_known_format(path)


def _require_known_format(path: Path) -> None:
    """Raise StoreError for a file of a newer engine, which DBOS itself would go on with."""
    with closing(open_for_reading(path)) as db:
        if not db.table("dbos_migrations").exists():
            return
        (found,) = db.execute("SELECT coalesce(max(version), 0) FROM dbos_migrations").fetchone()
    if found > len(sqlite_migrations):
        raise StoreError(
            f"{path} has format {found} of the workflow engine, and this release knows formats up to "
            f"{len(sqlite_migrations)}.",
            "Start the later release of pgbot that wrote it, or restore a backup from before the upgrade.",
        )


def _config(path: Path) -> DBOSConfig:
    return cast(
        "DBOSConfig",
        {
            "name": "pgbot",
            "system_database_url": f"sqlite:///{path.absolute()}",
            "application_version": VERSION,
            "executor_id": EXECUTOR,
            "max_executor_threads": 8,
            "log_level": "ERROR",
            # Nothing of ours listens for notifications, but a stop waits until the listener has slept.
            "notification_listener_polling_interval_sec": 0.1,
            # The default is pickle, which lets anyone who can write the file run code in the bot.
            "serializer": DBOSPortableJSONSerializer(),
        },
    )
