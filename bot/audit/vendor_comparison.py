"""A second witness: what IONOS keeps of each cluster's last change, held against what the bot did."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.audit.records import AuditRow
from bot.domain.cluster import Cluster

SKEW = timedelta(minutes=2)
"""How far apart the two clocks may be."""

SETTLE = timedelta(hours=1)
"""For so long after a request of the bot a change of the same cluster counts as its: the API keeps only the
last one, and does not document whether it moves on again when the work is done."""

_SENT = re.compile(r"(?P<method>POST|PUT|PATCH|DELETE) (?P<path>/\S*)")
_CLUSTER = re.compile(r"/clusters/(?P<id>[^/]+)(?P<rest>/.*)?$")


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
        """Whether the cluster's own record must show it: users and databases have records of their own."""
        found = _CLUSTER.search(self.path)
        return found is not None and found["rest"] in {None, "/restore"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedChange:
    """A cluster that was changed or created, and the bot sent nothing that explains it."""

    cluster: Cluster
    what: Literal["changed", "created"]
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconfirmedRequest:
    """A request of the bot of which the cluster's record shows nothing."""

    action: Action
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorComparison:
    """Where the two records differ. `silent` clusters told no time of change or creation."""

    around: tuple[UnexplainedChange, ...]
    untraced: tuple[UnconfirmedRequest, ...]
    compared: int
    silent: int


def actions_in(rows: Iterable[AuditRow]) -> list[Action]:
    """What the bot sent, but for what the API refused."""
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
    """Hold the two records against each other, from when the log begins."""
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
    """Why the cluster's record does not fit the request; empty when it does."""
    if not action.leaves_a_trace:
        return ""
    if action.method == "DELETE":
        there = now > action.row.at + SETTLE and cluster.state == "AVAILABLE"
        return "the cluster is still there" if there else ""
    if cluster.modified_at is None:
        return "the cluster tells of no change"
    if cluster.modified_at < action.row.at - SKEW:
        return "the cluster's last change is older"
    return ""
