"""Lookup of the one cluster that a person means; names are untrusted text."""

import re
from collections.abc import Callable, Iterable

from bot.domain.cluster import Cluster, Gap, Listing
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import AmbiguousName, NoSuchThing
from bot.domain.name_match import fold_name, normalize_name
from bot.domain.nearest_names import nearest_names
from bot.domain.phrases import join_names
from bot.ionos.endpoint import EndpointRefusal

SHORTEST_ID_PREFIX = 8
"""Characters of an id that people copy; a shorter text counts as the beginning of a name."""

_MOST_NAMED = 10
_MOST_PLACES = 3


def find_cluster(reference: str, listing: Listing[Cluster], *, certain: bool = False) -> Cluster:
    """Find a cluster by id, exact name, name in another case, or a unique beginning of a name or id.

    Names that differ in nothing but how their letters are encoded are the same, so that an id is needed.

    A match among the endpoints that answered may not be unique where others did not. With `certain`, which
    every write needs, only a whole id is accepted then; without, the caller shows `doubt`.

    Raises NoSuchThing with suggestions and the endpoints that did not answer, AmbiguousName with the
    candidates.
    """
    requested = reference.strip()
    for fits in _ways(requested):
        found = [cluster for cluster in listing.items if fits(cluster)]
        if len(found) == 1:
            unsure = describe_doubt(requested, found[0], listing) if certain else ""
            if unsure:
                raise AmbiguousName(
                    ErrorCode.CLUSTER_AMBIGUOUS,
                    unsure,
                    f"If it is the one you mean, use its id: {found[0].id}.",
                )
            return found[0]
        if found:
            raise _ambiguous(requested, found)
    raise _not_found(requested, listing)


def describe_doubt(reference: str, found: Cluster, listing: Listing[Cluster]) -> str:
    """Return a sentence that says why the match may not be the only one; "" when it is certain."""
    if not listing.gaps or found.id.casefold() == reference.strip().casefold():
        return ""
    where, asked = describe_gaps(listing.gaps), quote_name(reference.strip())
    return f"{asked} matches {_candidate(found)}, but not everything could be read: {where}."


def describe_gaps(gaps: Iterable[Gap]) -> str:
    """Return the endpoints that did not answer, each reason once, as a sentence without its full stop."""
    by_reason: dict[str, list[str]] = {}
    steps: dict[str, str] = {}
    for gap in gaps:
        by_reason.setdefault(gap.why, []).append(gap.where)
        if isinstance(gap, EndpointRefusal) and gap.step:
            steps[gap.why] = f". {gap.step.removesuffix('.')}"
    return "; ".join(f"{_some(where)}: {why}{steps.get(why, '')}" for why, where in by_reason.items())


def _some(where: list[str]) -> str:
    more = f" and {len(where) - _MOST_PLACES} more" if len(where) > _MOST_PLACES else ""
    return ", ".join(where[:_MOST_PLACES]) + more


def quote_name(name: str) -> str:
    """Return a name in quotes, on one line, without control characters, at most 80 characters."""
    clean = re.sub(r"\s", " ", name)
    clean = "".join(char if char.isprintable() else "�" for char in clean)
    return f"“{clean if len(clean) <= 80 else clean[:79] + '…'}”"


def _ways(requested: str) -> Iterable[Callable[[Cluster], bool]]:
    folded, exact = fold_name(requested), normalize_name(requested)
    if not folded:
        return
    yield lambda cluster: cluster.id.casefold() == folded
    yield lambda cluster: normalize_name(cluster.name) == exact
    yield lambda cluster: fold_name(cluster.name) == folded
    yield lambda cluster: fold_name(cluster.name).startswith(folded)
    if len(requested) >= SHORTEST_ID_PREFIX:
        yield lambda cluster: cluster.id.casefold().startswith(folded)


def _ambiguous(requested: str, found: list[Cluster]) -> AmbiguousName:
    named = "; ".join(_candidate(cluster) for cluster in found[:_MOST_NAMED])
    more = f"; and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return AmbiguousName(
        ErrorCode.CLUSTER_AMBIGUOUS,
        f"{quote_name(requested)} matches {len(found)} clusters: {named}{more}.",
        "Use the id of the one you mean.",
    )


def _candidate(cluster: Cluster) -> str:
    return f"{quote_name(cluster.name)} ({cluster.id}, {cluster.region}, {cluster.api})"


def _not_found(requested: str, listing: Listing[Cluster]) -> NoSuchThing:
    close = nearest_names(requested, (cluster.name for cluster in listing.items), 70, most=3)
    names = list(dict.fromkeys(close))
    steps = [f"Did you mean {join_names(map(quote_name, names), 'or')}?"] if names else []
    if listing.gaps:
        steps.append(f"It may be where something could not be read: {describe_gaps(listing.gaps)}.")
    if listing.gaps and not listing.items:
        return NoSuchThing(
            ErrorCode.CLUSTER_NOT_FOUND,
            f"It is unknown whether there is a cluster {quote_name(requested)}.",
            " ".join(steps),
        )
    return NoSuchThing(
        ErrorCode.CLUSTER_NOT_FOUND,
        f"There is no cluster {quote_name(requested)} that you may see.",
        " ".join(steps),
    )
