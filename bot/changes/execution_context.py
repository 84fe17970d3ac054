"""All that carrying out a change may touch: the fleet, secrets at the last moment, and the time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import SecretStr

from bot.changes.password_delivery import PasswordDelivery
from bot.domain.cluster import Cluster, Gap
from bot.domain.cluster_spec import Credentials
from bot.domain.errors import Unreachable
from bot.domain.plan import Plan, PlanTarget
from bot.ionos.cluster_lookup import places
from bot.ionos.contract_client import host_region
from bot.ionos.endpoint import EndpointRefusal
from bot.ionos.fleet import Fleet
from bot.settings.model import Settings
from bot.settings.secrets import resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionContext:
    """What a change's `execute` and `look` are given. Secrets are resolved here and kept nowhere.

    `change` is the id of the change that is carried out, `requester` the Slack id of who asked for it.
    """

    fleet: Fleet
    settings: Settings
    handover: PasswordDelivery
    now: Callable[[], datetime]
    change: str = ""
    requester: str = ""

    def of(self, change: str, requester: str) -> "ExecutionContext":
        """The same, for carrying out this change."""
        return replace(self, change=change, requester=requester)

    async def password(self, plan: Plan) -> SecretStr:
        """The new password that the plan is about, safe from a crash. See `PasswordDelivery.take`."""
        return await self.handover.take(plan, self.change, self.requester)

    async def cluster(self, target: PlanTarget) -> Cluster:
        """The cluster as it is now. Raises NotFound, or another CloudError."""
        return await self.fleet.cluster(target.as_cluster())

    async def named(self, target: PlanTarget) -> tuple[Cluster, ...]:
        """Every cluster of the target's name, API, contract and region, as that API shows it: the other one
        may show the same cluster, too. Raises Unreachable as `must_be_read`."""
        listing = await self.fleet.sightings()
        must_be_read(target, listing.gaps)
        return tuple(
            each
            for each in listing.items
            if (each.name, each.api, each.contract, host_region(each.region))
            == (target.name, target.api, target.contract, host_region(target.region))
        )

    async def backup_ids(self, cluster: Cluster) -> frozenset[str]:
        """Of all backups of a cluster that exist now. Raises Unreachable if not all could be read, or another
        CloudError."""
        listing = await self.fleet.backups(cluster)
        if listing.gaps:
            raise Unreachable(
                f"The backups of {cluster.name or cluster.id} could not all be read: {places(listing.gaps)}.",
                "Ask again later.",
            )
        return frozenset(each.id for each in listing.items)

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


def must_be_read(target: PlanTarget, gaps: Iterable[Gap]) -> None:
    """Raises Unreachable where a place that could not be read may have a cluster of the target's name."""
    hiding = [each for each in gaps if _may_hide(each, target)]
    if hiding:
        where = places(Gap(where=each.where, why=each.why) for each in hiding)
        steps = (each.step for each in hiding if isinstance(each, EndpointRefusal) and each.step)
        raise Unreachable(
            f"Nobody can tell whether there is a cluster {target.name}: {where}.",
            next(steps, "Ask again when that can be read; “status” shows it."),
        )


def _may_hide(gap: Gap, target: PlanTarget) -> bool:
    """v1 is one place for all regions, and so is a host of v2 for those that share it: a cluster of de/fra/2
    is listed as one of de/fra (ionos-api-notes, section 1)."""
    return (
        gap.api in {None, target.api}
        and gap.contract in {None, target.contract}
        and (gap.region is None or host_region(gap.region) == host_region(target.region))
    )
