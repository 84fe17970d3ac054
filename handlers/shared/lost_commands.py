"""Uses of commands that v2 does not offer, counted from the audit log."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.audit.query import AuditReader
from bot.audit.records import AuditQuery, AuditRow
from bot.domain.api_capabilities import Operation
from migrations.clients import CommandUse
from migrations.facts import MissingFact

CHUNK = 1_000
"""Rows of the audit log that are read at a time."""

RAN = frozenset({"ok", "failed"})
"""Outcomes of a command that ran; one that was refused or mistyped shows no use."""


@dataclass(frozen=True, slots=True)
class LostCommands:
    """Commands that begin with `command` and match, which v2 does not offer."""

    command: str
    operation: Operation
    matches: Callable[[AuditRow], bool] = lambda _row: True


LOST_COMMANDS = (
    LostCommands("user", Operation.USERS),
    LostCommands("database", Operation.DATABASES),
    LostCommands("log", Operation.LOGS),
    LostCommands("restore", Operation.RESTORE_FROM_BACKUP, lambda row: "--backup" in row.text),
    LostCommands("cluster network", Operation.DETACH, lambda row: "--detach" in row.text),
)


async def read_uses(lost: LostCommands, since: datetime, audit: AuditReader) -> list[AuditRow]:
    """Return every use since then, newest first. Raises StoreError."""
    rows: list[AuditRow] = []
    query = AuditQuery(since=since, command=lost.command, limit=CHUNK)
    while True:
        chunk = await audit.find(query)
        rows += [row for row in chunk if row.outcome in RAN and lost.matches(row)]
        if len(chunk) < CHUNK:
            return rows
        query = replace(query, before=chunk[-1].seq)


NO_LOG = MissingFact("there is no audit log to read")
"""Every start of the bot writes to the log: an empty one is that of no bot."""


async def count_uses_by_cluster(
    since: datetime, audit: AuditReader
) -> dict[str, tuple[CommandUse, ...]] | MissingFact:
    """Return the uses since then by a cluster's id in small letters, the most used command first.

    Of whom and where is left out, and so nothing needs to be hidden from those who may see the cluster.
    """
    if await audit.beginning() is None:
        return NO_LOG
    found: dict[tuple[str, str], CommandUse] = {}
    for lost in LOST_COMMANDS:
        for row in await read_uses(lost, since, audit):
            for cluster in row.about:
                key = cluster.casefold(), row.command
                known = found.get(key, CommandUse(row.command, 0, row.at))
                found[key] = CommandUse(row.command, known.count + 1, max(known.last, row.at))
    by_cluster: dict[str, list[CommandUse]] = {}
    for (cluster, _), use in found.items():
        by_cluster.setdefault(cluster, []).append(use)
    return {
        cluster: tuple(sorted(uses, key=lambda use: (-use.count, use.command)))
        for cluster, uses in by_cluster.items()
    }
