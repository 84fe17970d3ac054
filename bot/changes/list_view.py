"""Changes in lists: a line for each, in which none looks like another."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.changes.card import lacks, waits_for
from bot.changes.queue import ahead
from bot.changes.record import ChangeRecord, ChangeState
from bot.domain.reply import Cell
from bot.domain.text_safety import clipped
from bot.domain.times import ago

COLUMNS = ("Change", "State", "What", "Asked for by", "When", "Missing, or how it goes")

DECISIVE = 60
"""Characters of the effect that tells a change from others of the same name."""


def lines(
    records: Sequence[ChangeRecord], others: Iterable[ChangeRecord], now: datetime
) -> tuple[tuple[Cell, ...], ...]:
    """One for each. `others` are those that may stand before one of them."""
    known, names = list(others), told_apart(records)
    return tuple(
        (
            each.id,
            each.state.value,
            names[each.id],
            each.requester.name,
            ago(each.proposed_at, now),
            how_it_goes(each, ahead(each, known)),
        )
        for each in records
    )


def how_it_goes(record: ChangeRecord, queue: Sequence[ChangeRecord] = ()) -> str:
    """What is missing before it may run, what it waits for, what it is doing, or how it ended."""
    if record.state is ChangeState.PROPOSED:
        return lacks(record)
    waits = [waits_for(queue)] if queue else []
    return "; ".join(filter(None, [*waits, record.progress])) or record.result


def told_apart(records: Sequence[ChangeRecord]) -> dict[str, str]:
    """What each change does, by id; where two would read the same, with what it does differently."""
    times = Counter(each.plan.action for each in records)
    return {
        each.id: each.plan.action if times[each.plan.action] == 1 else _with_effect(each, records)
        for each in records
    }


def _with_effect(record: ChangeRecord, records: Sequence[ChangeRecord]) -> str:
    same = [each for each in records if each.plan.action == record.plan.action]
    own = [
        effect
        for effect in record.plan.effects
        if effect.before != effect.after and not all(effect in each.plan.effects for each in same)
    ]
    if not own:
        return record.plan.action
    before = f"{own[0].before} → " if own[0].before else ""
    return f"{record.plan.action} ({clipped(f'{own[0].what}: {before}{own[0].after}', DECISIVE)})"
