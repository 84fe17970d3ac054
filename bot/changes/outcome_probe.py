"""Finding out whether a request whose answer was lost has been carried out; never by sending it again.

Neither API lists restores or keeps a request's id, so everything here is inference from what a cluster shows
(ionos-api-notes, sections 4 and 9).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.attempt import WORKING, Attempt, OutcomeEvidence
from bot.domain.cluster import Cluster
from bot.domain.errors import NotFound

if TYPE_CHECKING:
    from bot.changes.execution_context import ExecutionContext
    from bot.domain.plan import Plan, Value


CLOCK_SKEW = timedelta(seconds=5)
"""How far the vendor's clock may be behind ours, for plans of earlier releases that observed no vendor time
to compare with; shorter than any person needs to make a change in between."""


async def probe_cluster(plan: "Plan", act: "ExecutionContext", attempt: Attempt) -> OutcomeEvidence | None:
    """Return the strongest evidence: the cluster is at work, has a new backup, or was modified since.

    Raises CloudError when the cluster cannot be read, which is not evidence either way.
    """
    cluster = await act.read_cluster(plan.target)
    if cluster.state in WORKING:
        return OutcomeEvidence(words=f"the cluster is {cluster.state}", lasts=False)
    added = await act.read_backup_ids(cluster) - attempt.baseline
    if added:
        return OutcomeEvidence(words=f"it has a backup that was not there before: {min(added)}")
    return find_modification(plan, cluster, attempt)


async def probe_absence(plan: "Plan", act: "ExecutionContext", _attempt: Attempt) -> OutcomeEvidence | None:
    """Return evidence of a deletion: the cluster is being destroyed, or missing from its address and from
    every listing that could have it."""
    try:
        cluster = await act.read_cluster(plan.target)
    except NotFound:
        if await act.fleet.doubt_absence(plan.target.as_cluster()):
            return None
        return OutcomeEvidence(words="the cluster is gone", is_absence=True)
    if cluster.state == "DESTROYING":
        return OutcomeEvidence(words="the cluster is DESTROYING")
    return None


async def probe_new(plan: "Plan", act: "ExecutionContext", attempt: Attempt) -> OutcomeEvidence | None:
    """Return evidence of a creation: a cluster of that name that was not there before."""
    found = await act.find_named(plan.subject)
    new = [each for each in found if each.id not in attempt.baseline]
    if len(new) == 1:
        return OutcomeEvidence(words=f"there is a new cluster of that name, {new[0].id}", made=new[0].id)
    return None


def find_modification(plan: "Plan", cluster: Cluster, attempt: Attempt) -> OutcomeEvidence | None:
    """Return the vendor's record of the last change if it is later than what the plan observed."""
    at = cluster.modified_at
    if at is None or not is_later(at, plan.observed, "modified_at", attempt):
        return None
    by = f" by {cluster.modified_by}" if cluster.modified_by else ""
    return OutcomeEvidence(words=f"the API says that it was changed at {at:%H:%M:%S} UTC{by}")


def is_later(at: datetime, observed: "Mapping[str, Value]", name: str, attempt: Attempt) -> bool:
    """Return whether a vendor time is later than the one that the plan observed under `name`.

    Replanning found that one again right before the attempt, and both are of one clock. Our clock may differ
    from it by any amount, so it counts only for stored plans that did not observe the time.
    """
    if name not in observed:
        return at >= attempt.armed_at - CLOCK_SKEW
    before = observed[name]
    return before is None or at > datetime.fromisoformat(str(before))
