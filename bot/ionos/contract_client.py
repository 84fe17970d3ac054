"""The clients of one contract: v1, and v2 in every region, over one transport."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.cluster import Api, Cluster, Gap, host_region
from bot.domain.errors import BadArgument, Unreachable
from bot.ionos.credentials import Addresses, ContractAccess
from bot.ionos.endpoint import Endpoint
from bot.ionos.transport import Transport, TransportOptions
from bot.ionos.v1.client import V1Client
from bot.ionos.v2.client import V2Client
from bot.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class ContractClient:
    """One contract's clients. `v1` is None and `v2` empty where that API is not contacted (`Addresses`)."""

    name: str
    transport: Transport
    v1: V1Client | None
    v2: dict[str, V2Client]

    @classmethod
    def open(
        cls, access: ContractAccess, addresses: Addresses, clock: Clock, wiring: TransportOptions
    ) -> "ContractClient":
        """Make the clients; nothing is sent yet."""
        transport = Transport(access, clock, wiring)
        v1 = addresses.v1 and V1Client(
            transport, Endpoint(api=Api.V1, contract=access.name, base=addresses.v1)
        )
        v2 = {
            region: V2Client(transport, Endpoint(api=Api.V2, contract=access.name, base=base, region=region))
            for region, base in addresses.regions.items()
        }
        return cls(access.name, transport, v1 or None, v2)

    def everywhere(self) -> Iterator[V1Client | V2Client]:
        """Return v1 and every region of v2, as far as they are contacted."""
        if self.v1 is not None:
            yield self.v1
        yield from self.v2.values()

    def of(self, cluster: Cluster) -> V1Client | V2Client:
        """Return the client that a cluster was read from. Raises Unreachable or BadArgument, as below."""
        return self.need_v1() if cluster.api is Api.V1 else self.need_v2(cluster.region)

    def need_v1(self) -> V1Client:
        """Return v1. Raises Unreachable where it is not contacted."""
        if self.v1 is None:
            raise Unreachable(
                f"v1 of contract {self.name} is not read: only the address of v2 was changed.",
                "Set ionos.api_url as well.",
            )
        return self.v1

    def need_v2(self, region: str) -> V2Client:
        """Return v2 of this region. Raises Unreachable, or BadArgument for an unknown region."""
        host = host_region(region)
        if host in self.v2:
            return self.v2[host]
        if not self.v2:
            raise Unreachable(
                f"v2 of contract {self.name} is not read: only the address of v1 was changed.",
                "Set ionos.region_url as well.",
            )
        raise BadArgument("v2 has no such region.", f"Its regions are {', '.join(self.v2)}.")


def may_hide(gap: Gap, cluster: Cluster) -> bool:
    """Return whether a gap may hide the cluster. v1 is one endpoint for all regions, and a v2 host serves all
    regions that share it: a cluster of de/fra/2 is listed as one of de/fra (ionos-api-notes, section 1)."""
    return (
        gap.api in {None, cluster.api}
        and gap.contract in {None, cluster.contract}
        and (gap.region is None or host_region(gap.region) == host_region(cluster.region))
    )
