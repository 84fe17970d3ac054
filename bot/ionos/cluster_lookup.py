"""Lookup of the one cluster or backup that a person means, and the meaning of a 404. Names are untrusted."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.domain.api_capabilities import LACKS, Operation
from bot.domain.cluster import Backup, Cluster, Gap, Listing
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import AmbiguousName, CloudError, Conflict, NoSuchThing, NotFound, NotOffered
from bot.domain.name_match import fold_name, normalize_name
from bot.domain.nearest_names import nearest_names
from bot.domain.phrases import join_names, join_some, quote_text
from bot.ionos.endpoint import EndpointRefusal

SHORTEST_ID_PREFIX = 8
"""Characters of an id that people copy; a shorter text counts as the beginning of a name."""

NOT_ASKED = "It may have moved to v2, which could not be asked: "
"""Beginning of the next step where v2 could not be asked about a cluster that v1 no longer has."""

_BACKUP_HINT = "“backup list CLUSTER” lists the ids."
_MOST_NAMED = 10


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
    return "; ".join(
        f"{join_some(where, most=3)}: {why}{steps.get(why, '')}" for why, where in by_reason.items()
    )


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
    sentence = f"There is no cluster {quote_name(requested)} that you may see."
    if listing.gaps and not listing.items:
        sentence = f"It is unknown whether there is a cluster {quote_name(requested)}."
    return NoSuchThing(ErrorCode.CLUSTER_NOT_FOUND, sentence, " ".join(steps))


def find_backup(
    reference: str, listing: Listing[Backup], *, of: Cluster | None = None, hint: str = _BACKUP_HINT
) -> Backup:
    """Return the backup of this id or unique beginning, in any case; `of` is the cluster that was looked at.

    Raises AmbiguousName with the candidates, NoSuchThing with where ids are and what could not be looked at.
    """
    requested = reference.strip().casefold()
    found = [each for each in listing.items if each.id.casefold() == requested] or [
        each for each in listing.items if requested and each.id.casefold().startswith(requested)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        ids = join_some(each.id for each in found)
        raise AmbiguousName(
            ErrorCode.BACKUP_AMBIGUOUS,
            f"“{quote_text(reference)}” matches {len(found)} backups: {ids}.",
            "Use the whole id.",
        )
    raise _backup_not_found(reference, listing, of, hint)


def _backup_not_found(reference: str, listing: Listing[Backup], of: Cluster | None, hint: str) -> NoSuchThing:
    steps = [f"“backup list {of.name}” lists the ids." if of else hint]
    if listing.gaps:
        steps.append(f"It may be where something could not be read: {'; '.join(map(str, listing.gaps))}.")
    sentence = f"There is no backup “{quote_text(reference)}” that you may see."
    if listing.gaps and not listing.items:
        sentence = f"It is unknown whether there is a backup “{quote_text(reference)}”."
    elif of:
        sentence = f"“{quote_text(reference)}” is not a backup of {of.name}."
    return NoSuchThing(ErrorCode.BACKUP_NOT_FOUND, sentence, " ".join(steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterQuery:
    """An operation on a cluster; `part` names a part of it ("user “bob”"), empty for the cluster itself."""

    cluster: Cluster
    operation: Operation
    part: str = ""


def missing_error(cluster: Cluster, error: NotFound, advice: str = "") -> NotFound:
    """Return the error for a cluster that its API does not find; one 404 does not mean that it is gone."""
    where = error.fault.where if error.fault else cluster.api
    return NotFound(
        f"Cluster {quote_name(cluster.name)} was not found: {where} has no cluster {cluster.id}.",
        advice or error.next_step,
        fault=error.fault,
    )


def explain_not_found(error: NotFound, asked: ClusterQuery, now: Cluster) -> CloudError:
    """Return the error that replaces a 404 where the cluster still exists, as `now`."""
    name = quote_name(now.name or asked.cluster.name)
    if now.api is asked.cluster.api:
        part = asked.part or "such resource"
        return NotFound(f"Cluster {name} has no {part}.", "Check what it has now.", fault=error.fault)
    moved = f"Cluster {name} is on {now.api} now."
    lack = LACKS.get((asked.operation, now.api))
    if lack is None:
        return Conflict(moved, "Nothing was done. Check it there, and request it again.", fault=error.fault)
    why = f"{moved} The {now.api} API does not support {asked.operation}: {lack.reason}."
    return NotOffered(why, lack.substitute, fault=error.fault)
