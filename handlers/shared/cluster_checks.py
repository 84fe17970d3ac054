"""What planners have in common: the state a cluster must be in, its primary user, and times in two zones."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.changes.outcome_probe import WORKING
from bot.commands.context import Context
from bot.domain import times
from bot.domain.api_capabilities import Operation, is_offered, require, sets_password, side_effects
from bot.domain.approval_requirement import Kind
from bot.domain.cluster import Backup, Cluster
from bot.domain.cluster_properties import readings
from bot.domain.cluster_spec import ClusterChange, NewCluster
from bot.domain.errors import BadArgument, InputError
from bot.domain.plan import Value
from bot.domain.recovery_window import end_of, newest_target
from bot.domain.times import ago, moment, whole_second
from bot.ionos import request_limits
from bot.ionos.wait import GONE
from bot.settings.model import Settings

__all__ = [
    "GONE",
    "STRICT",
    "Operation",
    "check_change",
    "check_new",
    "check_strict",
    "configuration",
    "covers",
    "in_both",
    "is_offered",
    "last_change",
    "major",
    "must_live",
    "newest_backup",
    "past",
    "primary_user",
    "reach_of",
    "require",
    "side_effects",
]

LIVE = frozenset({"AVAILABLE"}) | WORKING - {"DESTROYING"}
"""States from which a cluster comes to AVAILABLE by itself; a change waits for that when its turn comes."""


STRICT = "STRICTLY_SYNCHRONOUS"
LEAST_FOR_STRICT = 3


@dataclass(frozen=True, slots=True)
class Demand:
    """What a write asks for besides itself: warnings for the plan, and the least that policy may ask."""

    warnings: tuple[str, ...] = ()
    floor: Kind = Kind.NONE


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


def primary_user(settings: Settings, cluster: Cluster, operation: Operation) -> Demand:
    """What it means that this write sets the primary user's password, where it does.

    Raises InputError, before any call, when app.yaml does not say where that password is.
    """
    if not sets_password(operation, cluster.api):
        return Demand()
    found = settings.credentials(cluster)
    if found is None:
        raise InputError(
            f"{cluster.name} is on the {cluster.api} API, where every change sends the primary user's "
            "password, and app.yaml does not say where it is.",
            "Add credentials (username, password reference, database) to its entry under clusters.",
        )
    return Demand((f"It {side_effects(operation, cluster.api, user=found.username)}.",), Kind.NAME)


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


def in_both(at: datetime, ctx: Context) -> str:
    """A time in the asker's zone and in UTC."""
    return times.in_both(at, ctx.invocation.actor.time_zone)


def major(version: str | None) -> int:
    """The number of a PostgreSQL version, to compare by; 0 where it has none."""
    digits = (version or "").partition(".")[0]
    return int(digits) if digits.isdecimal() else 0


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


def newest_backup(backups: Iterable[Backup], now: datetime) -> tuple[Backup, datetime] | None:
    """The backup that reaches furthest, and the newest time in it; None when nothing can be restored."""
    ends = [(each, end) for each in backups if (end := newest_target(each, now)) is not None]
    return max(ends, key=lambda found: found[1], default=None)


def covers(backup: Backup, at: datetime, now: datetime, backups: Iterable[Backup]) -> bool:
    """Whether a backup can be restored to this time. `backups` has the others of its cluster."""
    first, end = backup.earliest_target, end_of(backup, backups, now)
    return first is not None and first <= at and (end.at is None or at <= end.at)


def reach_of(backup: Backup, backups: Iterable[Backup], ctx: Context) -> str:
    """From when to when a backup can be restored: words that follow "restored", times that can be typed."""
    if backup.earliest_target is None:
        return "to no time yet"
    first, end = in_both(whole_second(backup.earliest_target), ctx), end_of(backup, backups, ctx.now())
    if end.at is None:
        return f"from {first} on; where it ends is not told"
    last = in_both(end.at, ctx)
    return f"from {first} to {last}" if end.is_told else f"from {first} on; it ended no later than {last}"


def past(text: str, ctx: Context) -> datetime:
    """The time that somebody typed, to go back to. Raises BadArgument, also for one that is still to come."""
    at = moment(text, ctx.now(), ctx.invocation.actor.time_zone)
    if at > ctx.now():
        raise BadArgument(f"{in_both(at, ctx)} is in the future.", "A restore goes back.")
    return at


def check_new(new: NewCluster, username: str, database: str | None) -> None:
    """Hold a new cluster against the limits of its API. Raises BadArgument or NotOffered."""
    request_limits.check_new(new, username, database)
