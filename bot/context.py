"""All that a handler may touch: the fleet as far as this person may see it, settings and the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.command import Command, Registry
from bot.config import Settings, Tags
from bot.domain import Cluster, Invocation, Listing, PostgresVersion
from bot.policy import Asked, Policy


class Fleet(Protocol):
    """The clusters and versions of every contract, over both APIs; see `bot.api.fleet`."""

    async def clusters(self) -> Listing[Cluster]: ...

    async def versions(self) -> Listing[PostgresVersion]: ...


FindCluster = Callable[[str, Listing[Cluster]], Cluster]
"""Finds a cluster by id, name or unique beginning; see `bot.api.names`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything is already limited to what the asker may see, so that no handler can forget to."""

    invocation: Invocation
    asked: Asked
    settings: Settings
    policy: Policy
    registry: Registry
    fleet: Fleet
    find: FindCluster
    now: Callable[[], datetime]

    async def clusters(self) -> Listing[Cluster]:
        """The clusters that the asker may see with this command, and where we could not look."""
        listing = await self.fleet.clusters()
        seen = tuple(each for each in listing.items if self.policy.may_see(self.asked, each).allowed)
        return Listing(seen, listing.gaps)

    async def cluster(self, name: str) -> Cluster:
        """The one that answers to id, name or unique beginning. Raises NoSuchThing or AmbiguousName.

        A cluster that may not be seen is not found, in the same words as one that does not exist.
        """
        return self.find(name, await self.clusters())

    def tags(self, cluster: Cluster) -> Tags:
        """Owner, tier and channel of a cluster, from app.yaml."""
        return self.settings.tags(cluster)

    def may_run(self, command: Command) -> bool:
        """Whether the asker could run this other command here; what help shows."""
        return self.policy.may_run(Asked.by(self.invocation, command)).allowed
