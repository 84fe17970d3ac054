"""The conditions of a mutating request: anchors, the right to send, and its row in the audit log."""

from collections.abc import Awaitable, Callable

from bot.audit.lineage import Lineage
from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.ionos.http_errors import HttpCall
from bot.runtime.clock import Clock
from bot.runtime.request_context import trace_id
from bot.runtime.sending_right import SendingGate


def before_write(
    lineage: Lineage, gate: SendingGate, audit: AuditLog, clock: Clock
) -> Callable[[HttpCall], Awaitable[None]]:
    """Return a hook that anchors the data and records each mutating request before it is sent: without its
    anchors and its row it is not, nor without the right to send."""

    async def record(call: HttpCall) -> None:
        # Without the right the anchor of the bot that has it would be lost; and keeping it takes its time.
        await gate.require()
        await lineage.keep()
        await gate.require()
        await audit.append(
            AuditEntry(
                at=clock.now(),
                kind="request",
                trace=trace_id.get(),
                team="",
                actor="bot",
                channel="",
                text=f"{call.method} {call.path} at {call.place}",
                outcome="intended",
            )
        )

    return record
