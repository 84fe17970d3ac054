"""Checks that planners share: the state of a cluster, its primary user and its replication."""

from dataclasses import dataclass
from datetime import datetime

from bot.commands.context import Context
from bot.commands.tokenizer import quote_word
from bot.domain.api_capabilities import Operation, describe_side_effects, sets_password
from bot.domain.approval_requirement import RequirementKind
from bot.domain.attempt import WORKING
from bot.domain.cluster import Cluster
from bot.domain.cluster_properties import read_properties
from bot.domain.errors import InputError
from bot.domain.plan import Value
from bot.domain.times import format_ago

LIVE = frozenset({"AVAILABLE"}) | WORKING - {"DESTROYING"}
"""States from which a cluster comes to AVAILABLE by itself; an approved change waits for that."""

STRICT = "STRICTLY_SYNCHRONOUS"
LEAST_FOR_STRICT = 3


@dataclass(frozen=True, slots=True)
class WriteDemand:
    """The demands of a write: warnings for the plan, and the least that policy may require."""

    warnings: tuple[str, ...] = ()
    floor: RequirementKind = RequirementKind.NONE


def require_live(cluster: Cluster) -> None:
    """Raise InputError for a cluster in a state in which it cannot be changed."""
    if cluster.state not in LIVE:
        raise InputError(
            f"{cluster.name} is {cluster.state}, so it can't be changed.",
            "Check it in the DCD, or ask IONOS support.",
        )


async def require_primary_user(cluster: Cluster, operation: Operation, ctx: Context) -> WriteDemand:
    """Return the demands of a write that sets the primary user's password; none where it does not.

    Raises InputError, before any request, when nothing says where that password is.
    """
    if not sets_password(operation, cluster.api):
        return WriteDemand()
    found = await ctx.handover.find_primary_user(cluster)
    if found is None:
        raise InputError(
            f"Every change on the {cluster.api} API sends the primary user's password, and app.yaml has none "
            f"for {cluster.name}.",
            "Add credentials (username, password reference, database) to its entry under clusters.",
        )
    return WriteDemand(
        (f"It {describe_side_effects(operation, cluster.api, user=found.username)}.",), RequirementKind.NAME
    )


def observe_cluster(cluster: Cluster) -> dict[str, Value]:
    """Return what a plan observes of a cluster: everything that somebody could have changed meanwhile.

    States come and go, so only live or not counts.
    """
    return {
        "live": cluster.state in LIVE,
        "modified_at": cluster.modified_at.isoformat() if cluster.modified_at else None,
        **read_properties(cluster),
    }


def describe_last_change(cluster: Cluster, now: datetime) -> str:
    """Say who changed the cluster last, and when, as the API tells it."""
    if cluster.modified_at is None:
        return "The API does not report when the cluster was last changed."
    by = f" by {cluster.modified_by}" if cluster.modified_by else ""
    return f"The cluster was last changed {format_ago(cluster.modified_at, now)}{by}."


def check_strict(cluster: Cluster, *, replication: str | None, instances: int | None) -> None:
    """Check that replication and number of instances after a change go together.

    With fewer than 3 instances STRICTLY_SYNCHRONOUS can leave a v1 database read-only, and v2 refuses it
    (ionos-api-notes, section 10). Raises InputError.
    """
    if replication != STRICT or instances is None or instances >= LEAST_FOR_STRICT:
        return
    name = quote_word(cluster.name)
    if cluster.replication == STRICT:
        raise InputError(
            f"{cluster.name} uses strictly synchronous replication, which needs {LEAST_FOR_STRICT} "
            "instances. With fewer, the database can become read-only.",
            f"Switch first: “cluster replication {name} asynchronous”.",
        )
    raise InputError(
        f"Strictly synchronous replication needs {LEAST_FOR_STRICT} instances, and {cluster.name} has "
        f"{instances}. With fewer, the database can become read-only.",
        f"Scale first: “cluster resize {name} --instances {LEAST_FOR_STRICT}”.",
    )
