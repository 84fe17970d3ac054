"""Merging of what several endpoints show of the same clusters and backups."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from bot.domain.cluster import Api, Backup, Cluster, Gap, Listing, host_region
from bot.ionos.endpoint import Endpoint

Thing = TypeVar("Thing")
Placed = TypeVar("Placed", Cluster, Backup)

_UNSTATED = frozenset({"", "not stated"})


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


def find_conflicts(things: Listing[Placed]) -> Listing[Placed]:
    """Return the listing with a gap for each place that shows something which another region shows as well.

    Nobody can tell which of the two is right. Two contracts may see the same thing in the same region, and
    both APIs too; v1 does not say of each thing in which region it is.
    """
    by_id: dict[str, dict[str, Placed]] = {}
    for each in things.items:
        region = host_region(each.region or "")
        if region not in _UNSTATED:
            by_id.setdefault(each.id.lower(), {}).setdefault(region, each)
    places: Counter[tuple[Endpoint, str]] = Counter()
    for regions in by_id.values():
        for region, each in regions.items():
            place = Endpoint(api=each.api, contract=each.contract, base="", region=region)
            places.update((place, other) for other in regions if other != region)
    return Listing(things.items, (*things.gaps, *(_conflict_gap(*each) for each in places.items())))


def _conflict_gap(pair: tuple[Endpoint, str], count: int) -> Gap:
    place, other = pair
    shared = "1 entry" if count == 1 else f"{count:,} entries"
    why = f"shows {shared} that {other} shows too, and only one can be right"
    return Gap(where=str(place), why=why, api=place.api, contract=place.contract, region=place.region)


def _one_of(seen: list[Cluster]) -> Cluster:
    if len(seen) == 1:
        return seen[0]
    chosen = next((cluster for cluster in seen if cluster.api is Api.V1), seen[0])
    others = tuple(api for api in Api if api is not chosen.api and any(each.api is api for each in seen))
    return replace(chosen, also_in=others) if others else chosen
