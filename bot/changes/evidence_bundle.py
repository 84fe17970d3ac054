"""The evidence bundle of a change: one file that `bot.audit.evidence` checks off-line."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.changes import audit_payload
from bot.changes.record import ChangeRecord, Milestone
from bot.domain.attempt import Attempt
from bot.runtime.database.columns import time_to_text

FORMAT = "pgbot-evidence-2"

Row = Mapping[str, Any]


def bundle(
    record: ChangeRecord,
    attempt: Attempt | None,
    story: Sequence[Milestone],
    rows: Sequence[Row],
    head: tuple[int, str] | None,
) -> bytes:
    """JSON. `rows` are the change's audit rows as stored, `head` the last row's number and hash."""
    whole = {
        "format": FORMAT,
        "change": audit_payload.change(record),
        "plan": audit_payload.plan(record.plan),
        "digest": record.digest,
        "need": audit_payload.need(record.need),
        "votes": [audit_payload.vote(each) for each in record.votes],
        "attempt": attempt and audit_payload.attempt(attempt),
        "timeline": [{"at": time_to_text(each.at), "words": each.words} for each in story],
        "requests": [
            {"row": row["seq"], **request} for row in rows for request in json.loads(row["requests"])
        ],
        "audit": {"rows": list(rows), "head": head and {"seq": head[0], "hash": head[1]}},
    }
    return json.dumps(whole, indent=2, ensure_ascii=False).encode()
