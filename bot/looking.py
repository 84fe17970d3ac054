"""Finding out whether a request whose answer was lost has been carried out; never by sending it again.

Neither API lists restores or keeps a request's id, so everything here is inference from what a cluster shows
(ionos-api-notes, sections 4 and 9).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain import Cluster
from bot.errors import NotFound

if TYPE_CHECKING:
    from bot.acting import Acting
    from bot.plan import Plan

WORKING = frozenset({"BUSY", "UPDATING", "PROVISIONING", "DESTROYING"})
"""States in which a cluster carries something out."""

SKEW = timedelta(seconds=5)
"""How far the vendor's clock may be behind ours; less than anybody needs to make a change in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The one time that a request may leave: when it was armed, UTC, and what there was before.

    `baseline` are ids of what the change could add to: backups of the cluster, or clusters of the name.
    """

    armed_at: datetime
    baseline: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What shows that the request was carried out; `made` is the id of what it made, if anything."""

    words: str
    made: str = ""


async def look_at_cluster(plan: "Plan", act: "Acting", attempt: Attempt) -> Evidence | None:
    """Evidence in the order of its strength: the cluster is at work, has a new backup, was modified since.

    Raises CloudError when the cluster cannot be looked at; that is no evidence either way.
    """
    cluster = await act.cluster(plan.target)
    if cluster.state in WORKING:
        return Evidence(words=f"the cluster is {cluster.state}")
    added = await act.backup_ids(cluster) - attempt.baseline
    if added:
        return Evidence(words=f"it has a backup that was not there before: {min(added)}")
    return changed_since(cluster, attempt.armed_at)


async def look_for_absence(plan: "Plan", act: "Acting", _attempt: Attempt) -> Evidence | None:
    """For a deletion: the cluster is on its way out, or gone."""
    try:
        cluster = await act.cluster(plan.target)
    except NotFound:
        return Evidence(words="the cluster is gone")
    if cluster.state == "DESTROYING":
        return Evidence(words="the cluster is DESTROYING")
    return None


async def look_for_new(plan: "Plan", act: "Acting", attempt: Attempt) -> Evidence | None:
    """For a creation: a cluster of the name that was not there before."""
    found = await act.named(plan.subject)
    new = [each for each in found if each.id not in attempt.baseline]
    if len(new) == 1:
        return Evidence(words=f"there is a new cluster of that name, {new[0].id}", made=new[0].id)
    return None


def changed_since(cluster: Cluster, at: datetime) -> Evidence | None:
    """The vendor's own record of the last change, where it is newer than our attempt."""
    if cluster.modified_at is None or cluster.modified_at < at - SKEW:
        return None
    by = f" by {cluster.modified_by}" if cluster.modified_by else ""
    return Evidence(words=f"the API says that it was changed at {cluster.modified_at:%H:%M:%S} UTC{by}")


def ids(clusters: Collection[Cluster]) -> frozenset[str]:
    """Their ids, for a baseline."""
    return frozenset(each.id for each in clusters)
