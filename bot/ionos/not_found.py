"""Meaning of a 404 for a known cluster: it moved, it is not found, or a part of it is missing."""

from dataclasses import dataclass

from bot.domain.api_capabilities import LACKS, Operation
from bot.domain.cluster import Cluster
from bot.domain.errors import CloudError, Conflict, NotFound, NotOffered
from bot.ionos.cluster_lookup import quote_name

NOT_ASKED = "It may have moved to v2, which could not be asked: "
"""Beginning of the next step where v2 could not be asked about a cluster that v1 no longer has."""


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
