"""That the policy is another one than before is a row of its own: rules change what every later row means."""

from bot.clock import Clock
from bot.store.audit import AuditLog, Entry


async def note_policy(audit: AuditLog, version: str, clock: Clock) -> None:
    """Write a row if `version` is not the one that decided last; at the start. Raises StoreError."""
    before = await audit.last_policy()
    if before == version:
        return
    entry = Entry(
        at=clock.now(),
        kind="policy",
        trace="-",
        team="",
        actor="bot",
        channel="",
        text="people, permissions, approvals or clusters of the settings",
        outcome="changed" if before else "began",
        detail=f"was {before}" if before else "",
        policy=version,
    )
    await audit.append(entry)
