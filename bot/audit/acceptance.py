"""A person's acceptance of a log that is not as it was written or anchored: a row, and new first anchors."""

import json
from collections.abc import Sequence
from datetime import datetime

from bot.audit.anchor import Anchor
from bot.audit.anchor_job import AnchorSink
from bot.audit.hash_chain import ACCEPTED
from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.domain.errors import PgbotError
from bot.domain.redaction import make_storable


async def accept_log(audit: AuditLog, actor: str, what: str, reason: str, at: datetime) -> Anchor:
    """Write the row that pins the log as it is; return the anchor of that row. Raises StoreError.

    `what` is what was wrong. From then on, verification begins at this row.
    """
    await audit.catch_up()
    entry = AuditEntry(
        at=at,
        kind=ACCEPTED,
        trace="-",
        team="",
        actor=actor,
        channel="",
        text=make_storable(what),
        outcome="ok",
        detail=make_storable(reason),
        kept=json.dumps({"rows": audit.verified.content}),
    )
    seq = await audit.append(entry)
    head = await audit.head()
    assert head is not None  # noqa: S101 - the row was just written
    return Anchor(seq, head[1], at, is_accepted=True)


async def put_everywhere(sinks: Sequence[AnchorSink], anchor: Anchor) -> list[tuple[str, str]]:
    """Keep an anchor in every place; return the places that did not take it, with the reason."""
    failed = []
    for sink in sinks:
        try:
            await sink.put(anchor)
        except (PgbotError, OSError, TimeoutError) as error:
            failed.append((sink.name, str(error) or type(error).__name__))
    return failed
