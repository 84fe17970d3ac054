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


SKEW = timedelta(seconds=5)
"""How far the vendor's clock may be behind ours, for plans of earlier releases, which have nothing of its own
to compare with; less than anybody needs to make a change in between."""


async def look_at_cluster(plan: "Plan", act: "ExecutionContext", attempt: Attempt) -> OutcomeEvidence | None:
    """Evidence in the order of its strength: the cluster is at work, has a new backup, was modified since.

    Raises CloudError when the cluster cannot be looked at; that is no evidence either way.
    """
    cluster = await act.cluster(plan.target)
    if cluster.state in WORKING:
        return OutcomeEvidence(words=f"the cluster is {cluster.state}", lasts=False)
    added = await act.backup_ids(cluster) - attempt.baseline
    if added:
        return OutcomeEvidence(words=f"it has a backup that was not there before: {min(added)}")
    return changed_since(plan, cluster, attempt)


async def look_for_absence(
    plan: "Plan", act: "ExecutionContext", _attempt: Attempt
) -> OutcomeEvidence | None:
    """For a deletion: the cluster is on its way out, or gone."""
    try:
        cluster = await act.cluster(plan.target)
    except NotFound:
        return OutcomeEvidence(words="the cluster is gone")
    if cluster.state == "DESTROYING":
        return OutcomeEvidence(words="the cluster is DESTROYING")
    return None


async def look_for_new(plan: "Plan", act: "ExecutionContext", attempt: Attempt) -> OutcomeEvidence | None:
    """For a creation: a cluster of the name that was not there before."""
    found = await act.named(plan.subject)
    new = [each for each in found if each.id not in attempt.baseline]
    if len(new) == 1:
        return OutcomeEvidence(words=f"there is a new cluster of that name, {new[0].id}", made=new[0].id)
    return None


def changed_since(plan: "Plan", cluster: Cluster, attempt: Attempt) -> OutcomeEvidence | None:
    """The vendor's own record of the last change, where it is of after the one that the plan saw."""
    at = cluster.modified_at
    if at is None or not is_later(at, plan.observed, "modified_at", attempt):
        return None
    by = f" by {cluster.modified_by}" if cluster.modified_by else ""
    return OutcomeEvidence(words=f"the API says that it was changed at {at:%H:%M:%S} UTC{by}")


def is_later(at: datetime, observed: "Mapping[str, Value]", name: str, attempt: Attempt) -> bool:
    """Whether a time of the vendor's is later than the one that a plan has observed under `name`.

    The second look found that one again right before the attempt, and both are of one clock. Ours may differ
    from it by any amount, so it counts for kept plans alone that did not observe the time.
    """
    if name not in observed:
        return at >= attempt.armed_at - SKEW
    before = observed[name]
    return before is None or at > datetime.fromisoformat(str(before))
