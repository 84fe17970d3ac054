"""All that carrying out a change may touch: the fleet, secrets at the last moment, and the time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import SecretStr

from bot.api.fleet import Fleet
from bot.config import Settings
from bot.domain import Cluster
from bot.handover import Handover
from bot.plan import Plan, Target
from bot.secrets import resolve
from bot.wanted import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """What a change's `execute` and `look` are given. Secrets are resolved here and kept nowhere.

    `change` is the id of the change that is carried out, `requester` the Slack id of who asked for it.
    """

    fleet: Fleet
    settings: Settings
    handover: Handover
    now: Callable[[], datetime]
    change: str = ""
    requester: str = ""

    def of(self, change: str, requester: str) -> "Acting":
        """The same, for carrying out this change."""
        return replace(self, change=change, requester=requester)

    async def password(self, plan: Plan) -> SecretStr:
        """The new password that the plan is about: safe from a crash from now on; see `Handover.take`."""
        return await self.handover.take(plan, self.change, self.requester)

    async def cluster(self, target: Target) -> Cluster:
        """The cluster as it is now. Raises NotFound, or another CloudError."""
        return await self.fleet.cluster(target.as_cluster())

    async def named(self, target: Target) -> tuple[Cluster, ...]:
        """Every cluster of the target's name, API, contract and region. Raises Unreachable if one of the
        places that could have it did not answer."""
        listing = await self.fleet.clusters()
        return tuple(
            each
            for each in listing.items
            if (each.name, each.api, each.contract, each.region)
            == (target.name, target.api, target.contract, target.region)
        )

    async def backup_ids(self, cluster: Cluster) -> frozenset[str]:
        """Of all backups of a cluster that exist now."""
        return frozenset(each.id for each in (await self.fleet.backups(cluster)).items)

    async def credentials(self, cluster: Cluster) -> Credentials | None:
        """The primary user of a cluster, as app.yaml refers to it; None where it has none there.

        Raises ConfigError when the reference cannot be resolved.
        """
        found = self.settings.credentials(cluster)
        if found is None:
            return None
        return Credentials(
            username=found.username, password=await resolve(found.password), database=found.database
        )
