"""Merging of what several endpoints show of the same clusters and backups."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from bot.domain.cluster import Api, Backup, Cluster, Gap, Listing, host_region
from bot.domain.errors import CloudError
from bot.domain.phrases import format_count
from bot.ionos.endpoint import Endpoint, EndpointRefusal
from bot.ionos.wait import PASSING

Thing = TypeVar("Thing")
Placed = TypeVar("Placed", Cluster, Backup)

_UNSTATED = frozenset({"", "not stated"})


def gather_answers(
    answers: Iterable[tuple[Endpoint, Listing[Thing] | CloudError]], gaps: tuple[Gap, ...], *, advise: bool
) -> Listing[Thing]:
    """Return all items in order, and all gaps, the given ones first. The first gap of each reason has the
    next step; with `advise`, every gap has it in its reason."""
    told: set[str] = set()
    items: list[Thing] = []
    found = [*gaps]
    for place, answer in answers:
        if isinstance(answer, CloudError):
            found.append(_refusal(place, answer, told, advise=advise))
        else:
            items += answer.items
            found += (
                replace(gap, api=place.api, contract=place.contract, region=place.region)
                for gap in answer.gaps
            )
    return Listing(tuple(items), tuple(found))


def _refusal(place: Endpoint, error: CloudError, told: set[str], *, advise: bool) -> EndpointRefusal:
    """Return the gap of an endpoint that returned no list; its reason does not repeat the endpoint."""
    why = error.sentence.removeprefix(f"{place} ").removesuffix(".")
    status = error.fault.status if error.fault else None
    if status is not None and str(status) not in why:
        why += f" ({status})"
    is_told = why in told
    told.add(why)
    return EndpointRefusal(
        where=str(place),
        why=f"{why}. {error.next_step}" if advise else why,
        api=place.api,
        contract=place.contract,
        region=place.region,
        step="" if advise or is_told else error.next_step,
        is_passing=isinstance(error, PASSING),
    )


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
    return place.gap(
        f"shows {format_count(count, 'entry')} that {other} shows too, and only one can be right"
    )


def _one_of(seen: list[Cluster]) -> Cluster:
    if len(seen) == 1:
        return seen[0]
    chosen = next((cluster for cluster in seen if cluster.api is Api.V1), seen[0])
    others = tuple(api for api in Api if api is not chosen.api and any(each.api is api for each in seen))
    return replace(chosen, also_in=others) if others else chosen
