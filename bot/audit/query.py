"""Queries of the audit log: by filter, by words, by trace or change."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.audit.hash_chain import content_digest, is_keyed, is_linked
from bot.audit.records import AuditQuery, AuditRow, ChainSegment
from bot.domain.request import ApiRequest
from bot.runtime.database.columns import optional_time, text_to_time, time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.schema import AUDIT_WORDS
from bot.runtime.database.sqlite import LISTED, Transaction, contains, in_list, listed, words_of

_ABOUT = f"""
    CASE WHEN a.trace = '-' THEN a.cluster ELSE
        (SELECT {words_of("b.cluster")} FROM audit AS b
            WHERE b.trace = a.trace AND b.cluster IS NOT NULL)
    END AS about
"""
"""A row from before a cluster was found names none; the others of its trace do. “-” is not a trace."""

_ENDED = """
    EXISTS (SELECT 1 FROM audit AS o WHERE o.trace = a.trace AND o.kind = 'outcome' AND o.seq > a.seq)
"""

_SUPERSEDED = f"NOT (a.kind = 'invocation' AND a.outcome = 'accepted' AND {_ENDED})"

_RELATED = """
    (a.trace = :name OR a.change = :name
        OR a.trace IN (SELECT c.trace FROM audit AS c WHERE c.change = :name AND c.trace <> '-'))
"""

_INTERRUPTED = f"""
    SELECT a.*, a.cluster AS about FROM audit AS a
    WHERE a.at BETWEEN :since AND :before AND a.kind = 'invocation' AND a.outcome = 'accepted'
        AND NOT {_ENDED}
        AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.trace = a.trace AND inbox.answered_at IS NULL)
    ORDER BY a.seq
"""

_INTERRUPTED_WITHIN = timedelta(days=30)
"""Time searched before the last row: every start closes the rows that the process before it left open."""

_MOST_LINKS, _LINKS_BEHIND = 100_000, 10_000
"""Most digests of other rows in a segment: in all up to its last own row, and after it."""

_COUNT_COMMANDS = """
    SELECT command, count(*) AS times FROM audit
    WHERE seq > (SELECT max(seq) FROM audit) - :rows
        AND actor = :actor AND kind = 'outcome' AND outcome = 'ok' AND command <> ''
    GROUP BY command
"""
_COUNTED_ROWS = 2_000

_MOST_RELATED = 1_000
"""Rows of one trace or change; a change makes some dozens."""


_READABLE = f"""
    (a.actor = :own OR a.trace <> '-' AND a.trace IN (
        SELECT c.trace FROM audit AS c WHERE c.cluster IS NOT NULL
            AND (c.cluster {in_list(":readable")} OR {contains("c.cluster", "' '")})
    ))
"""
"""A row may name several clusters; whether all of them may be seen is looked at later."""


class AuditReader:
    """Reader of the log. All methods raise StoreError, and none checks who may see a row."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def find(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        """Return the rows that match, newest first."""
        conditions, values = _conditions(query)
        source, order = "audit AS a", "a.seq"
        if query.words is not None:
            source, order = AUDIT_WORDS.source, AUDIT_WORDS.order
        where = " AND ".join(conditions) or "TRUE"
        return await self._select(
            f"SELECT a.*, {_ABOUT} FROM {source} WHERE {where} ORDER BY {order} DESC LIMIT :limit",
            values | {"limit": query.limit},
        )

    async def count_commands(self, actor: str) -> dict[str, int]:
        """Return how often this actor has run each command lately, by its name: in the last rows of the log,
        so that the answer does not take longer as it grows."""
        values = {"actor": actor, "rows": _COUNTED_ROWS}
        return await self._database.read(
            lambda db: {row["command"]: row["times"] for row in db.query(_COUNT_COMMANDS, values)}
        )

    async def row(self, seq: int) -> AuditRow | None:
        found = await self._select(f"SELECT a.*, {_ABOUT} FROM audit AS a WHERE seq = :seq", {"seq": seq})
        return found[0] if found else None

    async def of_traces(self, traces: Iterable[str]) -> tuple[AuditRow, ...]:
        """Return all rows of these traces, oldest first."""
        return await self._select(
            f"SELECT a.*, {_ABOUT} FROM audit AS a WHERE a.trace {in_list(':traces')} ORDER BY a.seq",
            {"traces": listed(traces)},
        )

    async def find_related(self, name: str) -> tuple[AuditRow, ...]:
        """Return all rows of one trace or change, oldest first, and all rows of the change's traces."""
        return await self._select(
            f"SELECT a.*, {_ABOUT} FROM audit AS a WHERE {_RELATED} ORDER BY a.seq LIMIT :most",
            {"name": name, "most": _MOST_RELATED},
        )

    async def proof(self, name: str) -> tuple[dict[str, Any], ...]:
        """Return the rows of `find_related` as they are stored: their hashes are over exactly this."""
        sql = f"SELECT a.* FROM audit AS a WHERE {_RELATED} ORDER BY a.seq LIMIT :most"
        values = {"name": name, "most": _MOST_RELATED}
        return await self._database.read(lambda db: tuple(db.query(sql, values)))

    async def segment(self, proof: Sequence[Mapping[str, Any]]) -> ChainSegment | None:
        """Return the chain from the first of these rows to the log's last row, or some way behind the last
        of them; None where it cannot be shown without the content of others: they are of an earlier release,
        or too many."""
        if not proof:
            return None
        return await self._database.read(lambda db: _segment(db, proof))

    async def sent_requests(self) -> tuple[AuditRow, ...]:
        """Return the rows of mutating requests, oldest first, with the requests of the row of the answer."""
        ends = (
            "coalesce((SELECT o.requests FROM audit AS o WHERE o.trace = a.trace AND o.seq > a.seq"
            " AND o.kind IN ('outcome', 'change') AND o.requests <> '[]' ORDER BY o.seq LIMIT 1), '[]')"
        )
        return await self._select(
            f"SELECT a.*, {ends} AS ended, {_ABOUT} FROM audit AS a WHERE a.kind = 'request' ORDER BY a.seq"
        )

    async def interrupted_commands(self, before: datetime) -> tuple[AuditRow, ...]:
        """Return the commands that began before a time and have no outcome, oldest first."""
        head = await self._select("SELECT a.*, '' AS about FROM audit AS a ORDER BY a.seq DESC LIMIT 1")
        if not head:
            return ()
        since = min(head[0].at, before) - _INTERRUPTED_WITHIN
        times = {"since": time_to_text(since), "before": time_to_text(before)}
        return await self._select(_INTERRUPTED, times)

    async def beginning(self) -> datetime | None:
        """Return the time of the first row; None while the log is empty."""
        return optional_time(await self._first_value("SELECT at FROM audit ORDER BY seq LIMIT 1"))

    async def head(self) -> tuple[int, str] | None:
        """Return the last row's number and hash; None while the log is empty."""
        found = await self._database.read(
            lambda db: db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        )
        return (int(found[0]), str(found[1])) if found else None

    async def first_seq(self) -> int:
        """Return the number of the first row; 0 while the log is empty."""
        return int(await self._first_value("SELECT coalesce(min(seq), 0) FROM audit") or 0)

    async def hashes_at(self, numbers: Iterable[int]) -> dict[int, str]:
        """Return the hashes of these rows, as far as there are any, by number."""
        query = f"SELECT seq, hash FROM audit WHERE seq {LISTED}"
        parameter = listed(numbers)
        return dict(await self._database.read(lambda db: db.execute(query, [parameter]).fetchall()))

    async def last_policy(self) -> str | None:
        """Return the version of the policy that decided last; None before the first."""
        return await self._first_value(
            "SELECT policy FROM audit WHERE policy IS NOT NULL ORDER BY seq DESC LIMIT 1"
        )

    async def last_settings(self) -> str | None:
        """Return the digest of the settings in the last `policy` row; None before the first."""
        # By its words: such rows are few, and a search by kind would read the whole log.
        return await self._first_value(
            f"SELECT a.digest FROM {AUDIT_WORDS.source} WHERE {AUDIT_WORDS.matches('?')}"
            f" AND a.kind = 'policy' AND a.digest IS NOT NULL ORDER BY {AUDIT_WORDS.order} DESC LIMIT 1",
            AUDIT_WORDS.word_in("text", "settings"),
        )

    async def _first_value(self, sql: str, *values: str) -> str | None:
        found = await self._database.read(lambda db: db.execute(sql, values).fetchone())
        return str(found[0]) if found else None

    async def _select(self, sql: str, values: Mapping[str, Any] | None = None) -> tuple[AuditRow, ...]:
        return await self._database.read(lambda db: tuple(map(_row, db.query(sql, dict(values or {})))))


def _segment(db: Transaction, proof: Sequence[Mapping[str, Any]]) -> ChainSegment | None:
    own, first, last = {row["seq"] for row in proof}, proof[0]["seq"], proof[-1]["seq"]
    if last - first > _MOST_LINKS:
        return None
    links: list[tuple[int, str]] = []
    head: Mapping[str, Any] = proof[0]
    query = "SELECT * FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq"
    for row in db.query(query, [first, last + _LINKS_BEHIND]):
        if is_keyed(row) != is_keyed(proof[0]):
            break  # a bundle has rows of one mode
        if row["seq"] not in own:
            if not is_linked(row):
                return None
            links.append((row["seq"], content_digest(row)))
        head = row
    return ChainSegment(links=tuple(links), head=(head["seq"], head["hash"]))


def _conditions(query: AuditQuery) -> tuple[list[str], dict[str, Any]]:
    requested: dict[str, tuple[str, Any]] = {
        "actor": (contains("lower(a.actor)", "lower(:actor)"), query.actor),
        "cluster": (
            "a.trace IN (SELECT c.trace FROM audit AS c WHERE c.cluster IS NOT NULL AND"
            f" {contains('c.cluster', ':cluster')})"
            f" AND (a.trace <> '-' OR {contains('a.cluster', ':cluster')})",
            query.cluster,
        ),
        "command": ("(a.command || ' ') LIKE :command || ' %'", query.command),
        "outcome": ("a.outcome = :outcome", query.outcome),
        "since": ("a.at >= :since", query.since and time_to_text(query.since)),
        "until": ("a.at < :until", query.until and time_to_text(query.until)),
        "before": ("a.seq < :before", query.before),
        "words": (AUDIT_WORDS.matches(":words"), query.words and AUDIT_WORDS.phrases(query.words)),
    }
    if query.readable is not None:
        requested["own"] = (_READABLE, query.readable.actor)
    given = {name: (sql, value) for name, (sql, value) in requested.items() if value is not None}
    conditions = [sql for sql, _ in given.values()]
    if not query.every_step:
        conditions.append(_SUPERSEDED)
    values = {name: value for name, (_, value) in given.items()}
    if query.readable is not None:
        values["readable"] = listed(query.readable.clusters)
    return conditions, values


def _row(row: Mapping[str, Any]) -> AuditRow:
    shared = {name: row[name] for name in _SAME}
    return AuditRow(
        at=text_to_time(row["at"]),
        requests=tuple(map(_request, json.loads(row.get("ended") or row["requests"]))),
        clusters=frozenset((row["cluster"] or "").split()),
        about=frozenset((row["about"] or "").split()),
        **shared,
    )


_SAME = (
    *("seq", "kind", "trace", "team", "actor", "channel", "command", "text", "outcome", "detail"),
    *("milliseconds", "change", "roles", "rule", "policy", "digest", "code", "prev", "hash"),
)


def _request(stored: Mapping[str, Any]) -> ApiRequest:
    return ApiRequest(
        method=stored["method"],
        url=stored["url"],
        status=stored["status"],
        milliseconds=stored["ms"],
        request_id=stored.get("request_id"),
        attempt=stored.get("attempt", 1),
        said=stored.get("said", ""),
    )
