"""Where a v1 cluster stands: visible in v2, pending, or undetermined. Never called migrated.

Visibility before the vendor's own move is unknown (v1-v2-mapping, section 1), so being visible in v2 does not
prove that a cluster has moved. Order of looking: the same id, then the host name, then the network triple
(section 5). A name alone proves nothing and is not used.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain import Api, Cluster, Gap


class Standing(StrEnum):
    """The three things that can be said."""

    VISIBLE = "visible in v2"
    PENDING = "pending"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a cluster stands, how we know, and what v2 shows of it."""

    standing: Standing
    how: str
    counterpart: Cluster | None = None


def stand(cluster: Cluster, in_v2: Iterable[Cluster], gaps: Iterable[Gap]) -> Stand:
    """Where `cluster` stands, from everything that v2 shows and everywhere v2 could not be asked."""
    shown = [each for each in in_v2 if each.api is Api.V2]
    for how, fits in (("same id", _same_id), ("same host name", _same_host), ("same network", _same_network)):
        found = next((each for each in shown if fits(cluster, each)), None)
        if found is not None:
            words = how if how == "same id" else f"probable successor under another id: {how}"
            return Stand(Standing.VISIBLE, words, found)
    gap = unseen(cluster, gaps)
    if gap is not None:
        return Stand(Standing.UNDETERMINED, str(gap))
    return Stand(Standing.PENDING, "v2 shows nothing of it")


def unseen(cluster: Cluster, gaps: Iterable[Gap]) -> Gap | None:
    """The gap because of which nobody can say whether v2 shows the cluster. 401 and 503 are not "no"."""
    region = _region_of(cluster)
    for gap in gaps:
        is_v2 = gap.api in {None, Api.V2}
        is_its_contract = gap.contract in {None, cluster.contract}
        if is_v2 and is_its_contract and gap.region in {None, region}:
            return gap
    return None


def _region_of(cluster: Cluster) -> str:
    """The region of v2's host. de/fra/2 shares the host of de/fra; where the host name differs, it wins."""
    location = "/".join(cluster.region.casefold().split("/")[:2])
    host = (cluster.dns_name or "").split(".postgresql.")[-1].split(".")[0] if cluster.dns_name else ""
    named = host.replace("-", "/", 1)
    return named if named.count("/") == 1 and named != location and len(named) == len("de/fra") else location


def _same_id(left: Cluster, right: Cluster) -> bool:
    return left.id.casefold() == right.id.casefold()


def _same_host(left: Cluster, right: Cluster) -> bool:
    return left.dns_name is not None and left.dns_name == right.dns_name


def _same_network(left: Cluster, right: Cluster) -> bool:
    ours, theirs = _triple(left), _triple(right)
    return ours is not None and ours == theirs


def _triple(cluster: Cluster) -> tuple[str, str, str] | None:
    for each in cluster.connections:
        if each.datacenter_id and each.lan_id and each.address:
            return each.datacenter_id, each.lan_id, each.address.partition("/")[0]
    return None
