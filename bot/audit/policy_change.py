"""The audit row for changed settings: rules change the meaning of every later row."""

from pydantic import BaseModel

from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.domain.stored_values import json_sha256
from bot.runtime.clock import Clock

POLICY = "people, permissions, approvals or clusters of the settings"
OTHERS = "settings other than people, permissions, approvals and clusters"
"""Text of such a row; `AuditReader.last_settings` finds the rows by the word that both texts share."""


async def note_policy(audit: AuditLog, version: str, clock: Clock, settings: BaseModel | None = None) -> None:
    """Write a row if `version` or `settings` differ from those of the last such row. Raises StoreError.

    Only a digest of the settings is kept. No secret is part of it: app.yaml only refers to secrets.
    """
    digest = json_sha256(settings.model_dump(mode="json")) if settings is not None else ""
    before = await audit.last_policy()
    others = await audit.last_settings() if digest else None
    if before == version and others == (digest or None):
        return
    entry = AuditEntry(
        at=clock.now(),
        kind="policy",
        trace="-",
        team="",
        actor="bot",
        channel="",
        text=OTHERS if before == version else POLICY,
        outcome="changed" if before else "began",
        detail=f"was {(others or 'not known') if before == version else before}" if before else "",
        policy=version,
        digest=digest,
    )
    await audit.append(entry)
