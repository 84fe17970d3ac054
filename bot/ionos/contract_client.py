"""One contract's way to both APIs: its transport, its v1 and its v2 in every region."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.cluster import Api, Cluster
from bot.domain.errors import BadArgument, Unreachable
from bot.ionos.credentials import Access, Addresses
from bot.ionos.endpoint import Place
from bot.ionos.transport import Transport, Wiring
from bot.ionos.v1.client import V1
from bot.ionos.v2.client import V2
from bot.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class Contract:
    """`v1` is None and `v2` is empty where that API is not to be contacted; see `Addresses`."""

    name: str
    transport: Transport
    v1: V1 | None
    v2: dict[str, V2]

    @classmethod
    def open(cls, access: Access, addresses: Addresses, clock: Clock, wiring: Wiring) -> "Contract":
        """Nothing is sent yet."""
        transport = Transport(access, clock, wiring)
        v1 = addresses.v1 and V1(transport, Place(api=Api.V1, contract=access.name, base=addresses.v1))
        v2 = {
            region: V2(transport, Place(api=Api.V2, contract=access.name, base=base, region=region))
            for region, base in addresses.regions.items()
        }
        return cls(access.name, transport, v1 or None, v2)

    def everywhere(self) -> Iterator[V1 | V2]:
        """v1 and every region of v2, as far as they are to be contacted."""
        if self.v1 is not None:
            yield self.v1
        yield from self.v2.values()

    def of(self, cluster: Cluster) -> V1 | V2:
        """The API that a cluster was read from. Raises Unreachable or BadArgument, as the two below."""
        return self.need_v1() if cluster.api is Api.V1 else self.need_v2(cluster.region)

    def need_v1(self) -> V1:
        """v1. Raises Unreachable where it is not to be contacted."""
        if self.v1 is None:
            raise Unreachable(
                f"v1 of contract {self.name} is not looked at: only the address of v2 points elsewhere.",
                "Set ionos.api_url as well.",
            )
        return self.v1

    def need_v2(self, region: str) -> V2:
        """v2 where a cluster of this region lives. Raises Unreachable, or BadArgument for no known region."""
        host = host_region(region)
        if host in self.v2:
            return self.v2[host]
        if not self.v2:
            raise Unreachable(
                f"v2 of contract {self.name} is not looked at: only the address of v1 points elsewhere.",
                "Set ionos.region_url as well.",
            )
        raise BadArgument("v2 has no such region.", f"Its regions are {', '.join(self.v2)}.")


def host_region(region: str) -> str:
    """The region whose host serves this one: de/fra/2 shares the host of de/fra (notes section 1)."""
    return "/".join(region.lower().replace("-", "/").split("/")[:2])
