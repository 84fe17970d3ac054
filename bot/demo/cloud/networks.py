"""Data centers and their LANs, with the requests that change them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Interface, IPv4Network
from typing import ClassVar

from bot.demo.cloud.records import ClusterRecord, TokenOwner

_PRIVATE = IPv4Network("10.7.0.0/16")
"""The range of the blocks of new LANs, one /24 each; no API reserves it."""


@dataclass(slots=True, kw_only=True)
class VirtualResource:
    """A data center or a LAN. It is busy until `ready_at`, and gone from `gone_at` on."""

    kind: ClassVar[str]
    id: str
    name: str | None
    created_at: datetime
    created_by: TokenOwner
    ready_at: datetime
    modified_at: datetime | None = None
    gone_at: datetime | None = None

    def exists(self, now: datetime) -> bool:
        return self.gone_at is None or now < self.gone_at

    def is_busy(self, now: datetime) -> bool:
        return now < self.ready_at or self.gone_at is not None


@dataclass(slots=True, kw_only=True)
class LanRecord(VirtualResource):
    """A LAN. A public one has no block of private addresses."""

    kind = "lan"
    is_public: bool = False
    block: str | None = None


@dataclass(slots=True, kw_only=True)
class DatacenterRecord(VirtualResource):
    """A data center with its LANs by number. `version` grows with each change."""

    kind = "datacenter"
    contract: int
    location: str
    description: str | None = None
    version: int = 1
    lans: dict[str, LanRecord] = field(default_factory=dict)

    def next_lan_id(self) -> str:
        """Return the lowest number that no LAN has."""
        return next(str(number) for number in itertools.count(1) if str(number) not in self.lans)

    def free_block(self) -> str:
        """Return the first block of private addresses that no LAN has."""
        taken = {lan.block for lan in self.lans.values()}
        return next(str(block) for block in _PRIVATE.subnets(new_prefix=24) if str(block) not in taken)


@dataclass(frozen=True, slots=True)
class ProvisioningRequest:
    """An accepted change of a data center or LAN, which is done at `done_at`; `path` is its target's."""

    id: str
    contract: int
    kind: str
    target_id: str
    path: str
    done_at: datetime


class NetworkBook:
    """All data centers and requests of the cloud, by id."""

    def __init__(self) -> None:
        self._datacenters: dict[str, DatacenterRecord] = {}
        self._requests: dict[str, ProvisioningRequest] = {}

    def add(self, datacenter: DatacenterRecord) -> None:
        self._datacenters[datacenter.id] = datacenter

    def accept(self, request: ProvisioningRequest) -> None:
        self._requests[request.id] = request

    def find(self, datacenter_id: str) -> DatacenterRecord | None:
        """Return a data center of any contract, gone ones included."""
        return self._datacenters.get(datacenter_id.lower())

    def find_request(self, request_id: str) -> ProvisioningRequest | None:
        return self._requests.get(request_id.lower())

    def of_contract(self, contract: int, now: datetime) -> Iterator[DatacenterRecord]:
        """Yield the existing data centers of a contract in the order of creation."""
        return (each for each in self._datacenters.values() if each.contract == contract and each.exists(now))

    def connect(self, record: ClusterRecord, datacenter: DatacenterRecord) -> None:
        """Add the data center and the LAN of a cluster's network, unless they exist."""
        self._datacenters.setdefault(datacenter.id, datacenter)
        if record.network is None:
            return
        lan_id = record.network.lan_id
        self._datacenters[datacenter.id].lans.setdefault(
            lan_id,
            LanRecord(
                id=lan_id,
                name=f"lan-{lan_id}",
                created_at=datacenter.created_at,
                created_by=datacenter.created_by,
                ready_at=datacenter.created_at,
                block=str(IPv4Interface(record.network.address).network),
            ),
        )
