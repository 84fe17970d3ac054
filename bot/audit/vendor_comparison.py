"""Comparison of IONOS's own record of each cluster's last change with the requests of the bot."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.audit.records import AuditRow
from bot.domain.cluster import Cluster

SKEW = timedelta(minutes=2)
"""Allowed difference between the two clocks."""

SETTLE = timedelta(hours=1)
"""Time after a request of the bot in which a change of the same cluster is attributed to it: the API keeps
only the last change, and does not document whether it is updated again when the work is done."""

_SENT = re.compile(r"(?P<method>POST|PUT|PATCH|DELETE) (?P<path>/\S*)")
_CLUSTER = re.compile(r"/clusters/(?P<id>[^/]+)(?P<rest>/.*)?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A request of the bot that may have changed a cluster. `cluster` is empty when it created one.

    `status` is None when the log does not hold the answer.
    """

    row: AuditRow
    method: str
    path: str
    cluster: str
    status: int | None

    @property
    def leaves_a_trace(self) -> bool:
        """True when the cluster's own record must show it: users and databases have other records."""
        found = _CLUSTER.search(self.path)
        return found is not None and found["rest"] in {None, "/restore"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedChange:
    """A cluster that was changed or created without a request of the bot that explains it."""

    cluster: Cluster
    what: Literal["changed", "created"]
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconfirmedRequest:
    """A request of the bot that the cluster's record does not show."""

    action: Action
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorComparison:
    """Differences between the two records. `silent` clusters have no time of change or creation."""

    around: tuple[UnexplainedChange, ...]
    untraced: tuple[UnconfirmedRequest, ...]
    compared: int
    silent: int


def actions_in(rows: Iterable[AuditRow]) -> list[Action]:
    """Return the requests that the bot sent and the API did not refuse."""
    sent = [(row, match) for row in rows if (match := _SENT.match(row.text))]
    actions = [_action(row, match["method"], match["path"]) for row, match in sent]
    return [each for each in actions if each.status is None or each.status < 400]


def _action(row: AuditRow, method: str, path: str) -> Action:
    answers = [each.status for each in row.requests if each.method == method and each.url.endswith(path)]
    cluster = _CLUSTER.search(path)
    return Action(
        row=row,
        method=method,
        path=path,
        cluster=cluster["id"] if cluster else "",
        status=answers[-1] if answers else None,
    )


def compare(
    clusters: Sequence[Cluster], actions: Sequence[Action], begins: datetime, now: datetime
) -> VendorComparison:
    """Compare the two records from the beginning of the log."""
    around = [found for each in clusters if (found := _around(each, actions, begins))]
    by_id = {each.id: each for each in clusters}
    untraced = [
        UnconfirmedRequest(action=action, why=why)
        for action in actions
        if action.cluster in by_id and (why := _missing(action, by_id[action.cluster], now))
    ]
    silent = sum(1 for each in clusters if each.modified_at is None and each.created_at is None)
    return VendorComparison(
        around=tuple(sorted(around, key=lambda each: each.at, reverse=True)),
        untraced=tuple(untraced),
        compared=len(clusters) - silent,
        silent=silent,
    )


def _around(cluster: Cluster, actions: Sequence[Action], begins: datetime) -> UnexplainedChange | None:
    created, changed = cluster.created_at, cluster.modified_at
    if created is not None and created >= begins and not _explained(created, actions, ""):
        return UnexplainedChange(cluster=cluster, what="created", at=created, by=cluster.created_by)
    if changed is None or changed < begins or (created is not None and changed <= created + SETTLE):
        return None
    if _explained(changed, actions, cluster.id):
        return None
    return UnexplainedChange(cluster=cluster, what="changed", at=changed, by=cluster.modified_by)


def _explained(at: datetime, actions: Iterable[Action], cluster: str) -> bool:
    return any(
        action.cluster == cluster and action.row.at - SKEW <= at <= action.row.at + SETTLE
        for action in actions
    )


def _missing(action: Action, cluster: Cluster, now: datetime) -> str:
    """Return why the cluster's record does not match the request; empty when it does."""
    if not action.leaves_a_trace:
        return ""
    if action.method == "DELETE":
        there = now > action.row.at + SETTLE and cluster.state == "AVAILABLE"
        return "the cluster is still there" if there else ""
    if cluster.modified_at is None:
        return "the cluster shows no change"
    if cluster.modified_at < action.row.at - SKEW:
        return "the cluster's last change is older"
    return ""
