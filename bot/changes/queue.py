"""A change among the others: what stands before it on its cluster, and how long such a thing takes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

from bot.changes.card import card
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.store import ChangeRows
from bot.domain.reply import Reply

BEFORE = (ChangeState.RUNNING, ChangeState.UNKNOWN, ChangeState.APPROVED)
"""The states in which a change can keep another one of its cluster waiting."""

FEW = 3
"""Durations that make an estimate."""


def ahead(record: ChangeRecord, others: Iterable[ChangeRecord]) -> tuple[ChangeRecord, ...]:
    """The changes that run before an approved one, first to last; none for another.

    One that a freeze holds up lets the others pass.
    """
    if record.state is not ChangeState.APPROVED:
        return ()
    same = [each for each in others if each.plan.turn == record.plan.turn]
    busy = [each for each in same if each.state in {ChangeState.RUNNING, ChangeState.UNKNOWN}]
    queued = [each for each in same if each.state is ChangeState.APPROVED and not each.progress]
    return (*busy, *sorted((each for each in queued if _turn(each) < _turn(record)), key=_turn))


async def full_card(record: ChangeRecord, rows: ChangeRows) -> Reply:
    """The card as every surface shows it. Raises StoreError."""
    queues = record.state is ChangeState.APPROVED and record.plan.occupies
    queue = ahead(record, await rows.of_cluster(record.plan.occupies, BEFORE)) if queues else ()
    return card(record, queue, await _usual(record, rows))


async def _usual(record: ChangeRecord, rows: ChangeRows) -> timedelta | None:
    if record.state is not ChangeState.RUNNING:
        return None
    seconds: Sequence[float] = await rows.durations(record.plan.command)
    if len(seconds) >= FEW:
        return timedelta(seconds=median(seconds))
    usual = record.plan.ending.usual
    return None if usual is None else timedelta(seconds=usual)


def _turn(record: ChangeRecord) -> tuple[datetime, str]:
    """What the conductor goes by."""
    return record.proposed_at, record.id
