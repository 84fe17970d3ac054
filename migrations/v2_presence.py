"""Presence of a v1 cluster in v2: visible, pending, or undetermined. Never called migrated.

Visibility before the vendor's own move is unknown (v1-v2-mapping, section 1), so being visible in v2 does not
prove that a cluster has moved. Order of looking: the same id, then the host name, then the network triple
(section 5). A name alone proves nothing and is not used.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.domain.cluster import Api, Cluster, Gap


class PresenceState(StrEnum):
    """The three things that can be said."""

    VISIBLE = "visible in v2"
    PENDING = "pending"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class V2Presence:
    """A cluster's presence in v2, how we know, and what v2 shows of it."""

    state: PresenceState
    how: str
    counterpart: Cluster | None = None


@dataclass(frozen=True, slots=True)
class V2Listings:
    """The clusters that v2 shows, indexed by id, host name and network."""

    by_id: dict[str, Cluster]
    by_host: dict[str, Cluster]
    by_network: dict[tuple[str, str, str], Cluster]

    @classmethod
    def from_clusters(cls, clusters: Iterable[Cluster]) -> Self:
        """Index those of `clusters` that v2 shows; of two with the same key, the first."""
        shown = cls({}, {}, {})
        for each in clusters:
            if each.api is not Api.V2:
                continue
            shown.by_id.setdefault(each.id.casefold(), each)
            if each.dns_name is not None:
                shown.by_host.setdefault(each.dns_name, each)
            network = _network_triple(each)
            if network is not None:
                shown.by_network.setdefault(network, each)
        return shown

    def find(self, cluster: Cluster) -> tuple[str, Cluster] | None:
        """Return how we know and what v2 shows of a v1 cluster."""
        network = _network_triple(cluster)
        ways = (
            ("same id", self.by_id.get(cluster.id.casefold())),
            ("same host name", self.by_host.get(cluster.dns_name) if cluster.dns_name else None),
            ("same network", self.by_network.get(network) if network else None),
        )
        return next(((how, found) for how, found in ways if found is not None), None)


def find_presence(cluster: Cluster, in_v2: Iterable[Cluster] | V2Listings, gaps: Iterable[Gap]) -> V2Presence:
    """Return the presence of `cluster`, from everything that v2 shows and the gaps."""
    shown = in_v2 if isinstance(in_v2, V2Listings) else V2Listings.from_clusters(in_v2)
    match = shown.find(cluster)
    if match is not None:
        how, found = match
        words = how if how == "same id" else f"probable successor under another id: {how}"
        return V2Presence(PresenceState.VISIBLE, words, found)
    gap = find_hiding_gap(cluster, gaps)
    if gap is not None:
        return V2Presence(PresenceState.UNDETERMINED, str(gap))
    return V2Presence(PresenceState.PENDING, "v2 shows nothing of it")


def find_hiding_gap(cluster: Cluster, gaps: Iterable[Gap]) -> Gap | None:
    """Return the gap that leaves open whether v2 shows the cluster. 401 and 503 are not "no"."""
    region = _v2_region(cluster)
    for gap in gaps:
        is_v2 = gap.api in {None, Api.V2}
        is_its_contract = gap.contract in {None, cluster.contract}
        if is_v2 and is_its_contract and gap.region in {None, region}:
            return gap
    return None


def _v2_region(cluster: Cluster) -> str:
    """Return the region of v2's host. de/fra/2 shares the host of de/fra; where the host name differs, it
    wins."""
    location = "/".join(cluster.region.casefold().split("/")[:2])
    host = (cluster.dns_name or "").split(".postgresql.")[-1].split(".")[0] if cluster.dns_name else ""
    named = host.replace("-", "/", 1)
    return named if named.count("/") == 1 and named != location and len(named) == len("de/fra") else location


def _network_triple(cluster: Cluster) -> tuple[str, str, str] | None:
    for each in cluster.connections:
        if each.datacenter_id and each.lan_id and each.address:
            return each.datacenter_id, each.lan_id, each.address.partition("/")[0]
    return None
