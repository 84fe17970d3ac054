"""Log lines of a cluster, generated on demand from its id and the time."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.demo.cloud.places import derived_id
from bot.demo.cloud.records import ClusterRecord

RETENTION = timedelta(days=30)
"""IONOS keeps logs for 30 days (notes, section 8)."""

_SLOT_SECONDS = 90
_PASSWORD_EVERY = 40
_SLOW_EVERY = 7
_SLOW_STATEMENT = "statement: SELECT count(*) FROM events WHERE day = $1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SimulatedLogLine:
    """One line with the number of its instance."""

    at: datetime
    instance: int
    message: str


def instance_name(record: ClusterRecord, number: int) -> str:
    """Return `ionos-<clusterId>-<suffix>-<n>` (notes, section 8)."""
    return f"ionos-{record.id}-{derived_id(record.id, 'log')[:8]}-{number}"


def lines(
    record: ClusterRecord, start: datetime, end: datetime, *, backward: bool
) -> Iterator[SimulatedLogLine]:
    """Yield the lines from `start` to `end`, newest first if `backward`. Lazy, so that any range is cheap."""
    start = max(start, record.created_at)
    if end < start:
        return
    first, last = _slot(start), _slot(end)
    slots = range(last, first - 1, -1) if backward else range(first, last + 1)
    for slot in slots:
        line = _line(record, slot)
        if start <= line.at <= end:
            yield line


def _slot(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds()) // _SLOT_SECONDS


def _line(record: ClusterRecord, slot: int) -> SimulatedLogLine:
    chance = zlib.crc32(f"{record.id}:{slot}".encode())
    at = _EPOCH + timedelta(seconds=slot * _SLOT_SECONDS + chance % _SLOT_SECONDS, milliseconds=chance % 997)
    return SimulatedLogLine(at, chance // 7 % record.instances, _message(record, slot, chance))


def _message(record: ClusterRecord, slot: int, chance: int) -> str:
    user = next(iter(record.users), "app")
    database = next(iter(record.databases), "app")
    process = 100 + chance % 29000
    head = f"{user}@{database} [{process}]"
    if slot % _PASSWORD_EVERY == 0:
        # DDL is logged with its text, so the log shows passwords set by SQL.
        return f"{head} LOG:  statement: ALTER ROLE \"{user}\" WITH PASSWORD 'Summer-{chance:08x}!'"
    if slot % _SLOW_EVERY == 0:
        took = 500 + chance % 9000 / 10
        return f"{head} LOG:  duration: {took:.1f} ms  {_SLOW_STATEMENT}"
    return _ORDINARY[chance % len(_ORDINARY)].format(
        head=head,
        user=user,
        database=database,
        port=30000 + process,
        ip=f"10.7.{chance % 200}.{process % 250}",
    )


_ORDINARY = (
    "{head} LOG:  connection received: host={ip} port={port}",
    "{head} LOG:  connection authorized: user={user} database={database} SSL enabled",
    "{head} LOG:  disconnection: session time: 0:00:41.203 user={user} database={database} host={ip}",
    "{head} LOG:  checkpoint complete: wrote 812 buffers (5.0%); 0 WAL file(s) added, 1 removed",
    "{head} LOG:  process 4711 still waiting for ShareLock on transaction 90210 after 1000.112 ms",
    '{head} ERROR:  duplicate key value violates unique constraint "events_pkey"',
    "{head} ERROR:  canceling statement due to statement timeout",
)
