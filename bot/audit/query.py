"""Reads the audit log for people: by filter, by words, by trace; newest first."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.audit.records import AuditQuery, AuditRow, SentRequest
from bot.runtime.database.database import SqliteDatabase

_ABOUT = """
    CASE WHEN a.trace = '-' THEN a.cluster ELSE
        (SELECT group_concat(b.cluster, ' ') FROM audit AS b
            WHERE b.trace = a.trace AND b.cluster IS NOT NULL)
    END AS about
"""
"""A row from before a cluster was found names none; the others of its trace do. “-” is no trace."""

_SUPERSEDED = """
    NOT (a.kind = 'invocation' AND a.outcome = 'accepted' AND EXISTS (
        SELECT 1 FROM audit AS o WHERE o.trace = a.trace AND o.kind = 'outcome' AND o.seq > a.seq
    ))
"""

_STORY = """
    (a.trace = :name OR a.change = :name
        OR a.trace IN (SELECT c.trace FROM audit AS c WHERE c.change = :name AND c.trace <> '-'))
"""

_ORPHANS = """
    SELECT a.*, a.cluster AS about FROM audit AS a
    WHERE a.at BETWEEN :since AND :before AND a.kind = 'invocation' AND a.outcome = 'accepted'
        AND NOT EXISTS (
            SELECT 1 FROM audit AS o WHERE o.trace = a.trace AND o.kind = 'outcome' AND o.seq > a.seq)
        AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.trace = a.trace AND inbox.answered_at IS NULL)
    ORDER BY a.seq
"""

_ORPHANED_WITHIN = timedelta(days=30)
"""How far back from the last row one looks: every start closes what the process before it left open."""

_STORY_MOST = 1_000
"""Rows of one story; a change makes some dozens."""


class AuditReading:
    """See `bot.audit.records.AuditReader`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def find(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        """The rows that fit, newest first. Raises StoreError."""
        conditions, values = _conditions(query)
        source = "audit AS a"
        if query.words is not None:
            source = "audit_words AS w JOIN audit AS a ON a.seq = w.rowid"
        order = "w.rowid" if query.words is not None else "a.seq"
        where = " AND ".join(conditions) or "1"
        return await self._select(
            f"SELECT a.*, {_ABOUT} FROM {source} WHERE {where} ORDER BY {order} DESC LIMIT :limit",  # noqa: S608 - our own words
            values | {"limit": query.limit},
        )

    async def row(self, seq: int) -> AuditRow | None:
        """One row by its number. Raises StoreError."""
        found = await self._select(f"SELECT a.*, {_ABOUT} FROM audit AS a WHERE seq = :seq", {"seq": seq})  # noqa: S608
        return found[0] if found else None

    async def story(self, name: str) -> tuple[AuditRow, ...]:
        """Everything of one trace or change, oldest first: also what traces of the change did besides."""
        return await self._select(
            f"SELECT a.*, {_ABOUT} FROM audit AS a WHERE {_STORY} ORDER BY a.seq LIMIT :most",  # noqa: S608
            {"name": name, "most": _STORY_MOST},
        )

    async def proof(self, name: str) -> tuple[dict[str, Any], ...]:
        """The same rows as they are stored: their hashes are over exactly this. Raises StoreError."""
        sql = f"SELECT a.* FROM audit AS a WHERE {_STORY} ORDER BY a.seq LIMIT :most"  # noqa: S608
        values = {"name": name, "most": _STORY_MOST}
        return await self._database.read(lambda db: tuple(db.query(sql, values)))

    async def sent(self) -> tuple[AuditRow, ...]:
        """Every row of a mutating request, oldest first, each with the requests of the row of its answer."""
        ends = (
            "coalesce((SELECT o.requests FROM audit AS o WHERE o.trace = a.trace AND o.seq > a.seq"
            " AND o.kind IN ('outcome', 'change') AND o.requests <> '[]' ORDER BY o.seq LIMIT 1), '[]')"
        )
        return await self._select(
            f"SELECT a.*, {ends} AS ended, {_ABOUT} FROM audit AS a WHERE a.kind = 'request' ORDER BY a.seq"  # noqa: S608
        )

    async def orphans(self, before: datetime) -> tuple[AuditRow, ...]:
        """Commands that began before then and have no outcome, oldest first. Raises StoreError."""
        head = await self._select("SELECT a.*, '' AS about FROM audit AS a ORDER BY a.seq DESC LIMIT 1")
        if not head:
            return ()
        since = min(head[0].at, before) - _ORPHANED_WITHIN
        return await self._select(_ORPHANS, {"since": _stamp(since), "before": _stamp(before)})

    async def beginning(self) -> datetime | None:
        """When the log begins; None while it is empty. Raises StoreError."""
        found = await self._database.read(
            lambda db: db.execute("SELECT at FROM audit ORDER BY seq LIMIT 1").fetchone()
        )
        return datetime.fromisoformat(found[0]) if found else None

    async def head(self) -> tuple[int, str] | None:
        """The last row's number and hash; None while the log is empty. Raises StoreError."""
        found = await self._database.read(
            lambda db: db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        )
        return (int(found[0]), str(found[1])) if found else None

    async def last_policy(self) -> str | None:
        """The version of the policy that decided last; None before the first. Raises StoreError."""
        found = await self._database.read(
            lambda db: db.execute(
                "SELECT policy FROM audit WHERE policy IS NOT NULL ORDER BY seq DESC LIMIT 1"
            ).fetchone()
        )
        return str(found[0]) if found else None

    async def last_settings(self) -> str | None:
        """The digest of the settings in the last `policy` row; None before the first. Raises StoreError."""
        # By its words: such rows are few, and to look for their kind would be to read the whole log.
        found = await self._database.read(
            lambda db: db.execute(
                "SELECT a.digest FROM audit_words AS w JOIN audit AS a ON a.seq = w.rowid"
                " WHERE audit_words MATCH 'text : settings' AND a.kind = 'policy' AND a.digest IS NOT NULL"
                " ORDER BY w.rowid DESC LIMIT 1"
            ).fetchone()
        )
        return str(found[0]) if found else None

    async def _select(self, sql: str, values: Mapping[str, Any] | None = None) -> tuple[AuditRow, ...]:
        return await self._database.read(lambda db: tuple(map(_row, db.query(sql, dict(values or {})))))


def _conditions(query: AuditQuery) -> tuple[list[str], dict[str, Any]]:
    wanted: dict[str, tuple[str, Any]] = {
        "actor": ("instr(lower(a.actor), lower(:actor))", query.actor),
        "cluster": (
            "a.trace IN (SELECT c.trace FROM audit AS c WHERE c.cluster IS NOT NULL"
            " AND instr(c.cluster, :cluster)) AND (a.trace <> '-' OR instr(a.cluster, :cluster))",
            query.cluster,
        ),
        "command": ("(a.command || ' ') LIKE :command || ' %'", query.command),
        "outcome": ("a.outcome = :outcome", query.outcome),
        "since": ("a.at >= :since", _stamp(query.since)),
        "until": ("a.at < :until", _stamp(query.until)),
        "before": ("a.seq < :before", query.before),
        "words": ("audit_words MATCH :words", query.words and _match(query.words)),
    }
    given = {name: (sql, value) for name, (sql, value) in wanted.items() if value is not None}
    conditions = [sql for sql, _ in given.values()]
    if not query.every_step:
        conditions.append(_SUPERSEDED)
    return conditions, {name: value for name, (_, value) in given.items()}


def _match(words: str) -> str:
    """Words as FTS5 takes them: each a phrase, all of them wanted; a star at the end is a beginning."""
    return " ".join(
        '"' + word.rstrip("*").replace('"', '""') + '"' + ("*" if word.endswith("*") else "")
        for word in words.split()
    )


def _stamp(at: datetime | None) -> str | None:
    # As the rows have it, so that comparing text compares times.
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else None


def _row(row: Mapping[str, Any]) -> AuditRow:
    shared = {name: row[name] for name in _SAME}
    return AuditRow(
        at=datetime.fromisoformat(row["at"]),
        requests=tuple(_requests(json.loads(row.get("ended") or row["requests"]))),
        clusters=frozenset((row["cluster"] or "").split()),
        about=frozenset((row["about"] or "").split()),
        **shared,
    )


_SAME = (
    *("seq", "kind", "trace", "team", "actor", "channel", "command", "text", "outcome", "detail"),
    *("milliseconds", "change", "roles", "rule", "policy", "digest", "prev", "hash"),
)


def _requests(stored: Iterable[Mapping[str, Any]]) -> Iterable[SentRequest]:
    for each in stored:
        yield SentRequest(
            method=each["method"],
            url=each["url"],
            status=each["status"],
            milliseconds=each["ms"],
            request_id=each.get("request_id"),
            attempt=each.get("attempt", 1),
            said=each.get("said", ""),
        )
