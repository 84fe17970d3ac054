"""What planners have in common: the state a cluster must be in, its primary user, and times in two zones."""

import shlex
from dataclasses import dataclass
from datetime import datetime

from bot.domain.api_capabilities import Operation, sets_password, side_effects
from bot.domain.approval_requirement import RequirementKind
from bot.domain.attempt import WORKING
from bot.domain.cluster import Cluster
from bot.domain.cluster_properties import readings
from bot.domain.cluster_spec import ClusterChange, NewCluster
from bot.domain.errors import InputError
from bot.domain.plan import Value
from bot.domain.times import ago
from bot.ionos import request_limits
from bot.settings.model import Settings

LIVE = frozenset({"AVAILABLE"}) | WORKING - {"DESTROYING"}
"""States from which a cluster comes to AVAILABLE by itself; a change waits for that when its turn comes."""


STRICT = "STRICTLY_SYNCHRONOUS"
LEAST_FOR_STRICT = 3


@dataclass(frozen=True, slots=True)
class WriteDemand:
    """What a write asks for besides itself: warnings for the plan, and the least that policy may ask."""

    warnings: tuple[str, ...] = ()
    floor: RequirementKind = RequirementKind.NONE


def must_live(cluster: Cluster) -> None:
    """Raises InputError for a cluster that no change could be made to."""
    if cluster.state not in LIVE:
        raise InputError(
            f"{cluster.name} is {cluster.state}, so it cannot be changed.",
            "Look at it in IONOS's own console, or ask IONOS's support.",
        )


def check_change(cluster: Cluster, change: ClusterChange) -> None:
    """Hold a change against the limits of the cluster's API. Raises BadArgument or NotOffered."""
    request_limits.check_change(cluster.api, change)


def primary_user(settings: Settings, cluster: Cluster, operation: Operation) -> WriteDemand:
    """What it means that this write sets the primary user's password, where it does.

    Raises InputError, before any call, when app.yaml does not say where that password is.
    """
    if not sets_password(operation, cluster.api):
        return WriteDemand()
    found = settings.credentials(cluster)
    if found is None:
        raise InputError(
            f"{cluster.name} is on the {cluster.api} API, where every change sends the primary user's "
            "password, and app.yaml does not say where it is.",
            "Add credentials (username, password reference, database) to its entry under clusters.",
        )
    return WriteDemand(
        (f"It {side_effects(operation, cluster.api, user=found.username)}.",), RequirementKind.NAME
    )


def configuration(cluster: Cluster) -> dict[str, Value]:
    """What a plan observes of a cluster: everything that somebody could have changed meanwhile.

    The state passes by, so only its class counts: live or not.
    """
    return {
        "live": cluster.state in LIVE,
        "modified_at": cluster.modified_at.isoformat() if cluster.modified_at else None,
        **readings(cluster),
    }


def last_change(cluster: Cluster, now: datetime) -> str:
    """Who changed the cluster last, and when, as the API tells it: a sentence."""
    if cluster.modified_at is None:
        return "The API does not say when the cluster was last changed."
    by = f" by {cluster.modified_by}" if cluster.modified_by else ""
    return f"The cluster was last changed {ago(cluster.modified_at, now)}{by}."


def check_strict(cluster: Cluster, *, replication: str | None, instances: int | None) -> None:
    """Whether the replication and the number of instances that a change leads to go together.

    With fewer than 3 instances STRICTLY_SYNCHRONOUS can leave a v1 database read-only, and v2 refuses it
    (ionos-api-notes, section 10). Raises InputError.
    """
    if replication != STRICT or instances is None or instances >= LEAST_FOR_STRICT:
        return
    name = shlex.quote(cluster.name)
    if cluster.replication == STRICT:
        raise InputError(
            f"{cluster.name} replicates strictly synchronously, which needs {LEAST_FOR_STRICT} instances: "
            "with fewer the database can become read-only.",
            f"Switch first: “cluster replication {name} asynchronous”.",
        )
    raise InputError(
        f"Strictly synchronous replication needs {LEAST_FOR_STRICT} instances, and {cluster.name} has "
        f"{instances}: with fewer the database can become read-only.",
        f"Scale first: “cluster resize {name} --instances {LEAST_FOR_STRICT}”.",
    )


def check_new(new: NewCluster, username: str, database: str | None) -> None:
    """Hold a new cluster against the limits of its API. Raises BadArgument or NotOffered."""
    request_limits.check_new(new, username, database)
