"""The conditions of a mutating request: anchors, the right to send, and its row in the audit log."""

from collections.abc import Awaitable, Callable

from bot.audit.lineage import Lineage
from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.domain.errors import SlackError
from bot.ionos.http_errors import HttpCall
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.runtime.request_context import trace_id
from bot.runtime.sending_right import SendingGate

log = get_logger()

WAIT_SECONDS, RETRY_SECONDS = 60.0, 5.0
"""For how long Slack is asked again to take the anchor, and the pause between. What people have
approved must not fail over a moment's trouble; a stop of the bot waits meanwhile."""


def before_write(
    lineage: Lineage, gate: SendingGate, audit: AuditLog, clock: Clock
) -> Callable[[HttpCall], Awaitable[None]]:
    """Return a hook that anchors the data and records each mutating request before it is sent: without its
    anchors and its row it is not, nor without the right to send."""

    async def record(call: HttpCall) -> None:
        # Without the right the anchor of the bot that has it would be lost; and keeping it takes its time.
        await gate.require()
        epoch = gate.right.epoch
        await _keep_anchors(lineage, clock)
        await gate.require(epoch)
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


async def _keep_anchors(lineage: Lineage, clock: Clock) -> None:
    """Keep them. Raises LogInDoubt, StoreError, and SlackError for what never passes or has not in time."""
    deadline = clock.monotonic() + WAIT_SECONDS
    while True:
        try:
            return await lineage.keep()
        except SlackError as error:
            if not error.trouble.passes or clock.monotonic() >= deadline:
                raise
            log.warning("request waits for its anchor", error=str(error))
        await clock.sleep(RETRY_SECONDS)
