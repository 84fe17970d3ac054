"""The right of one bot among several to send, as those who send need it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.domain.errors import BadArgument, NotTheHolder
from bot.runtime.health_page import Health
from bot.runtime.lease_claim import LeaseHolder

REQUEST_SECONDS = 60.0
"""Seconds that a request to the cloud may take (`RetryLimits.write`). The right must last so long from when
it leaves, or it could arrive in another bot's time."""

NO_LEASE_WORDS = (
    "Nothing outside this machine says which bot may send, because neither audit.anchors.channel nor "
    "approvals.channel is set: a copy of the data folder that runs elsewhere would not be noticed."
)


class SendingRight(Protocol):
    """The right to send, as those who send need it."""

    @property
    def epoch(self) -> str:
        """Return the epoch of the lease, empty without one."""
        ...

    def obstacle(self, _seconds: float = 0.0, /) -> str:
        """Return why this bot may not send now and for so many seconds, in a sentence; "" where it may."""
        ...

    def other_holder(self) -> LeaseHolder | None:
        """Return the bot that holds the lease in place of this one; None where none is known to."""
        ...

    def has_rival(self) -> bool:
        """Return whether another bot holds the lease, or may still send to the end of its term."""
        ...

    async def unopposed(self) -> None:
        """Wait while another bot may be at work in place of this one. A channel that can keep no lease, such
        as an archived one, stops what is sent to the cloud, but not the words about it."""
        ...

    async def take_over(self) -> float:
        """End the other bot's lease and take its place; return the seconds until this one may send.

        Raises BadArgument where there is nothing to take over, SlackError and StoreError.
        """
        ...

    async def health(self) -> Health:
        """Return what keeps this bot from sending, for the page of its health."""
        ...

    async def renew_for(self, _seconds: float, /) -> None:
        """Renew the lease unless it lasts so many seconds."""
        ...


class NoLease:
    """The right of a bot without an outside place: the lock of the data folder alone protects it."""

    epoch = ""

    def obstacle(self, _seconds: float = 0.0, /) -> str:
        return ""

    def other_holder(self) -> LeaseHolder | None:
        return None

    def has_rival(self) -> bool:
        return False

    async def unopposed(self) -> None:
        return

    async def renew_for(self, _seconds: float, /) -> None:
        return

    async def take_over(self) -> float:
        raise BadArgument(NO_LEASE_WORDS, "Set either, and invite the bot to that channel.")

    async def health(self) -> Health:
        """Say that nothing outside the machine is asked."""
        return Health(NO_LEASE_WORDS, is_warning=True)


NO_LEASE = NoLease()


async def _nothing() -> None:
    """Prepare nothing."""


@dataclass(slots=True)
class SendingGate:
    """The right of this process: none is asked for until Slack has been reached.

    `before_succeeding` runs before this bot may send where another one may have sent since it did.
    """

    right: SendingRight = NO_LEASE
    before_succeeding: Callable[[], Awaitable[None]] = _nothing

    def allows(self, epoch: str) -> bool:
        """Return whether a request that was made ready under this epoch may leave now."""
        return self.right.epoch == epoch and not self.right.obstacle(REQUEST_SECONDS)

    async def require(self, epoch: str | None = None) -> None:
        """Raise NotTheHolder unless a request may leave now and this bot has held the lease since `epoch`."""
        await self.right.renew_for(REQUEST_SECONDS)
        if why := self.right.obstacle(REQUEST_SECONDS):
            raise NotTheHolder(why, "“pgbot check” says which bot holds the Slack app.")
        if epoch not in {None, self.right.epoch}:
            why = "Another bot may have held the Slack app since the request was made ready."
            raise NotTheHolder(why, "Request it again.")
