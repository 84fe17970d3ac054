"""Requested faults, each with its target and the times it is still to happen."""

from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal[
    "error", "rate_limited", "server_error", "slow", "unanswered", "expired_trigger", "lost_ack", "duplicate"
]

KINDS: frozenset[str] = frozenset(get_args(FaultKind))


@dataclass(slots=True, kw_only=True)
class SlackFault:
    """A fault. `target` is a Web API method, `response_url`, `upload`, or a payload type (`slash_commands`,
    `block_actions`, `view_submission`, `view_closed`, `block_suggestion`, `shortcut`, `message_action`,
    `app_mention`, …), or `*`.

    `seconds` is the delay of `slow`, on the machine's clock, since it tests the bot's timeouts, and the
    `Retry-After` of `rate_limited`; `code` is the word of `error`. `unanswered` carries the call out, and
    what is answered says nothing about that.
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
        """Let a fault happen the next `times` times."""
        self.pending.append(fault)

    def clear(self) -> None:
        self.pending.clear()

    def take(self, target: str, *kinds: FaultKind) -> SlackFault | None:
        """Use up one occurrence of a fault for this target and return it, None without one."""
        for fault in self.pending:
            if fault.target in {target, "*"} and fault.kind in kinds:
                fault.times -= 1
                if fault.times <= 0:
                    self.pending.remove(fault)
                return fault
        return None
