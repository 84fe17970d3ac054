"""Faults on request: what goes wrong, where, and how many more times."""

from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal[
    "error", "rate_limited", "server_error", "slow", "expired_trigger", "lost_ack", "duplicate"
]

KINDS: frozenset[str] = frozenset(get_args(FaultKind))


@dataclass(slots=True, kw_only=True)
class SlackFault:
    """`target` is a Web API method, `response_url`, `upload`, or a payload type (`slash_commands`,
    `block_actions`, `view_submission`, `view_closed`, `block_suggestion`, `shortcut`, `message_action`,
    `app_mention`, …), or `*`.

    `seconds` is the delay of `slow` (of the machine's clock: it is the bot's patience that is tried) and the
    `Retry-After` of `rate_limited`; `code` is the word of `error`.
    """

    target: str
    kind: FaultKind
    times: int = 1
    seconds: float = 1.0
    code: str = "invalid_blocks"


class Faults:
    """The faults that are still to happen."""

    def __init__(self) -> None:
        self.pending: list[SlackFault] = []

    def add(self, fault: SlackFault) -> None:
        """Ask for a fault; it happens at the next `times` occasions."""
        self.pending.append(fault)

    def clear(self) -> None:
        """Forget those that have not happened."""
        self.pending.clear()

    def take(self, target: str, *kinds: FaultKind) -> SlackFault | None:
        """The fault due for this target, now spent once. None when all is well."""
        for fault in self.pending:
            if fault.target in {target, "*"} and fault.kind in kinds:
                fault.times -= 1
                if fault.times <= 0:
                    self.pending.remove(fault)
                return fault
        return None
