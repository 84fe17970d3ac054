"""Repair of changes that a wrong clock has touched: what expired by it alone is open again."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.service import ChangeService, find_approvers
from bot.changes.transitions import Transition, change_entry
from bot.domain.errors import UnprovenChange
from bot.domain.phrases import join_names
from bot.runtime.checked_clock import TOLERANCE

REOPENED = "Open again: it had expired only because of a wrong clock"
SHORTENED = "A wrong clock had given it more time than its rule allows"


async def repair_changes(changes: ChangeService, now: datetime) -> str:
    """Repair the changes whose times are ahead of `now`, which is right; say which, empty for none."""
    repaired = []
    for record in await changes.rows.find_ahead(now + timedelta(seconds=TOLERANCE)):
        approvers = find_approvers(changes.policy, record)
        with suppress(UnprovenChange):  # it is stopped, and people are told
            after = await changes.rows.step(record.id, partial(_repair, now=now, approvers=approvers))
            repaired += [record.id] if after is not None and after.version > record.version else []
    return f"Reopened with the right time: {join_names(repaired)}." if repaired else ""


def _repair(record: ChangeRecord, now: datetime, approvers: tuple[str, ...]) -> Transition | None:
    """Reopen a change that has not expired yet, or give it the time that its rule gives, from now on."""
    ahead = now + timedelta(seconds=TOLERANCE)
    until = min(record.expires_at, now + record.need.expires)
    if record.state is ChangeState.PROPOSED and until != record.expires_at:
        entry = change_entry(record, now, "decision", "time shortened", SHORTENED)
        return Transition(at=now, entry=replace(entry, actor="bot"), fields={"expires_at": until})
    is_early = record.state is ChangeState.EXPIRED and record.ended_at is not None and record.ended_at > ahead
    if not is_early or until <= now:
        return None
    entry = change_entry(record, now, "decision", "reopened", REOPENED)
    fields: dict[str, Any] = {
        "state": ChangeState.PROPOSED.value,
        "result": "",
        "progress": "",
        "ended_at": None,
    }
    if until != record.expires_at:
        fields["expires_at"] = until
    return Transition(
        at=now, entry=replace(entry, actor="bot"), fields=fields, tell=(f"{REOPENED}.", approvers)
    )
