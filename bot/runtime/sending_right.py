"""The right of one bot among several to send, as those who send need it."""

from dataclasses import dataclass

from bot.domain.errors import BadArgument, NotTheHolder
from bot.runtime.bot_lease import BotLease
from bot.runtime.health_page import Health
from bot.runtime.lease_store import LeaseHolder

REQUEST_SECONDS = 60.0
"""Seconds that a request to the cloud may take (`RetryLimits.write`). The right must last so long from when
it leaves, or it could arrive in another bot's time."""

NO_LEASE_WORDS = (
    "Nothing outside this machine says which bot may send, because neither audit.anchors.channel nor "
    "approvals.channel is set: a copy of the data folder that runs elsewhere would not be noticed."
)


class NoLease:
    """The right of a bot without an outside place: the lock of the data folder alone protects it. Otherwise
    as `BotLease`."""

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


@dataclass(slots=True)
class SendingGate:
    """The right of this process: none is asked for until Slack has been reached."""

    right: BotLease | NoLease = NO_LEASE

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
