"""Commands where no `serve` answers: they read with the caller's own tokens, and write no database."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.audit.lineage_store import Lineage, LineageRows
from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.domain.errors import PgbotError
from bot.domain.request import Actor, Origin
from bot.programs.kernel import Kernel, assemble_kernel, registry
from bot.programs.read_only_sources import (
    EmptyDatabase,
    ReadOnlyDatabase,
    is_missing,
    reading_fleet,
    say_on_terminal,
)
from bot.programs.terminal_identity import os_user
from bot.programs.terminal_protocol import Answer, ServeIsAway, TerminalRequest
from bot.programs.terminal_server import answer_of, find_writer, invocation_of, refused_answer
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.sending_right import SendingGate
from bot.settings.model import Setup


class UnrecordedAudit(AuditLog):
    """A log that is read and takes no entry."""

    async def append(self, _entry: AuditEntry) -> int:
        """Write nothing, and return 0."""
        return 0


@asynccontextmanager
async def open_reading_kernel(setup: Setup, clock: Clock, key: bytes | None = None) -> AsyncIterator[Kernel]:
    """Open a kernel that writes neither the bot's database nor the cloud. Raises ConfigError.

    With `key` its audit log can be verified.
    """
    async with (
        _open_database(setup.database) as database,
        reading_fleet(setup.settings, clock) as fleet,
    ):
        audit = UnrecordedAudit(database, key)
        lineage = Lineage(audit, LineageRows(database, audit), clock)
        yield await assemble_kernel(setup, database, lineage, fleet, SendingGate())


@asynccontextmanager
async def _open_database(path: Path) -> AsyncIterator[SqliteDatabase]:
    """Provide the bot's database for reading, or an empty one for as long as the bot has none."""
    with tempfile.TemporaryDirectory(prefix="pgbot-") as folder:
        database: SqliteDatabase = ReadOnlyDatabase(path)
        if await asyncio.to_thread(is_missing, path):
            database = EmptyDatabase(Path(folder) / path.name)
        try:
            yield database
        finally:
            await database.close()


def read_alone(setup: Setup, request: TerminalRequest, away: PgbotError) -> Answer:
    """Return the answer to a command that only reads; for any other, why it is refused.

    The caller is nobody in Slack, whatever its settings say. `away` says why `serve` is not asked.
    """
    if (command := find_writer(request.command, registry())) is not None:
        words = f"Only pgbot serve can run “{command.name}”. {away.sentence}"
        return answer_of(refused_answer(ServeIsAway(words, away.next_step), request), request)
    sys.stderr.write(f"{away.sentence} This command uses your own tokens and is not in the audit log.\n")
    return asyncio.run(_read(setup, request))


async def _read(setup: Setup, request: TerminalRequest) -> Answer:
    clock, user = SystemClock(), os_user(os.getuid())
    invocation = invocation_of(request, Actor(origin=Origin.TERMINAL, id=user, name=user), clock.now())
    async with open_reading_kernel(setup, clock) as kernel:
        answer = await kernel.dispatcher.answer(replace(invocation, is_typed=False), progress=say_on_terminal)
    return answer_of(answer, request)
