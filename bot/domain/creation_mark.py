"""The mark of its change in a new cluster's description, by which a second creation for it is noticed."""

from dataclasses import replace

from bot.domain.cluster import Cluster
from bot.domain.cluster_properties import offered_by
from bot.domain.cluster_spec import NewCluster


def mark_creation(new: NewCluster, change: str) -> NewCluster:
    """Return the request with the mark of its change, where the API has a description to keep it in."""
    if not change or all(each.field != "description" for each, _ in offered_by(new.api)):
        return new
    return replace(new, description=" ".join(filter(None, (new.description, _mark(change)))))


def is_marked(cluster: Cluster, change: str) -> bool:
    """Return whether a cluster was made for this change."""
    return (cluster.description or "").endswith(_mark(change))


def without_mark(cluster: Cluster, change: str) -> Cluster:
    """Return the cluster with the description that was asked for."""
    text = (cluster.description or "").removesuffix(_mark(change)).rstrip()
    return replace(cluster, description=text or None)


def _mark(change: str) -> str:
    return f"[pgbot {change}]"
