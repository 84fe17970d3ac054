"""Merging of what several endpoints show of the same clusters and backups."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from bot.domain.cluster import Api, Backup, Cluster, Gap, Listing

Thing = TypeVar("Thing")


def gather_listings(listings: Iterable[Listing[Thing]], gaps: tuple[Gap, ...] = ()) -> Listing[Thing]:
    """Return all items in order, and all gaps, the given ones first."""
    seen = list(listings)
    items = tuple(thing for listing in seen for thing in listing.items)
    return Listing(items, (*gaps, *(gap for listing in seen for gap in listing.gaps)))


def merge_clusters(sightings: Listing[Cluster]) -> Listing[Cluster]:
    """Return one cluster per id. Where both APIs show it, it is v1's, with v2 in `also_in`.

    Being visible in v2 does not prove that a cluster has moved (mapping, section 5), and as long as v1
    answers for it, all of v1's operations work. Of two contracts that see it, the first wins.
    """
    by_id: dict[str, list[Cluster]] = {}
    for cluster in sightings.items:
        by_id.setdefault(cluster.id.lower(), []).append(cluster)
    return Listing(tuple(_one_of(seen) for seen in by_id.values()), sightings.gaps)


def merge_backups(backups: Listing[Backup]) -> Listing[Backup]:
    """Return each cluster's backups from one API: v1's where both show them, as for the cluster itself."""
    in_v1 = {each.cluster_id for each in backups.items if each.api is Api.V1}
    kept = (each for each in backups.items if each.api is Api.V1 or each.cluster_id not in in_v1)
    return Listing(tuple(kept), backups.gaps)


def _one_of(seen: list[Cluster]) -> Cluster:
    if len(seen) == 1:
        return seen[0]
    chosen = next((cluster for cluster in seen if cluster.api is Api.V1), seen[0])
    others = tuple(api for api in Api if api is not chosen.api and any(each.api is api for each in seen))
    return replace(chosen, also_in=others) if others else chosen
