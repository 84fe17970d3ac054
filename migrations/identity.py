"""The region of a cluster, decided once, and the marks by which v1 and v2 show the same cluster."""

import re
from dataclasses import dataclass

from bot.domain.cluster import Cluster, host_region, region_in_dns

V2_REGIONS = frozenset(
    {"de/txl", "de/fra", "fr/par", "es/vit", "gb/lhr", "gb/bhx", "us/las", "us/mci", "us/ewr"}
)
"""Regions with a v2 host; de/fra/2 shares that of de/fra (ionos-api-notes, section 1)."""

_REGION = re.compile(r"[a-z]{2}/[a-z]{3}")
_UNSTATED = frozenset({"", "not stated"})


@dataclass(frozen=True, slots=True)
class HomeRegion:
    """The region of a cluster, as its location and its DNS name state it: None for one that does not.

    `stated` is the location in v1's own words, empty without one.
    """

    stated: str
    by_location: str | None
    by_dns_name: str | None

    @property
    def region(self) -> str | None:
        """The DNS name's region where the two disagree (v1-v2-mapping, section 5), unless it alone has no
        v2 host; None where neither states a region."""
        both = (self.by_dns_name, self.by_location)
        return next((each for each in both if each in V2_REGIONS), self.by_dns_name or self.by_location)

    @property
    def v2_region(self) -> str | None:
        """The region whose v2 host would show the cluster; None where nobody can tell, or there is none."""
        return self.region if self.region in V2_REGIONS else None

    @property
    def is_contradictory(self) -> bool:
        """Return whether location and DNS name state different regions."""
        return None not in {self.by_location, self.by_dns_name} and self.by_location != self.by_dns_name

    @property
    def why_unknown(self) -> str:
        """Say why v2's host for the cluster is not known."""
        if self.region is not None:
            return f"v2 has no host for {self.region}"
        if self.stated:
            return f"properties.location in v1 is {self.stated[:60]!r}, which is not a location"
        return "v1's response does not include properties.location"


def find_home(cluster: Cluster) -> HomeRegion:
    """Return the region of a v1 cluster. Nothing else in this package derives it."""
    stated = "" if cluster.region in _UNSTATED else cluster.region
    return HomeRegion(stated, _known_form(stated), _known_form(region_in_dns(cluster.dns_name)))


def host_mark(cluster: Cluster) -> str | None:
    """Return the host name by which two clusters are the same, in one spelling."""
    return (cluster.dns_name or "").casefold().rstrip(".") or None


def network_mark(cluster: Cluster) -> str | None:
    """Return data center, LAN and address without its prefix length; None unless all three are stated."""
    for each in cluster.connections:
        if each.datacenter_id and each.lan_id and each.address:
            address = each.address.partition("/")[0]
            return f"{each.datacenter_id.casefold()} {each.lan_id} {address}"
    return None


def _known_form(region: str | None) -> str | None:
    home = host_region(region or "")
    return home if _REGION.fullmatch(home) else None
