"""The clusters that the current invocation is about, for the rows that it writes."""

from contextvars import ContextVar

_clusters: ContextVar[set[str] | None] = ContextVar("clusters_asked_about", default=None)


def begin_noting() -> None:
    """Begin with none, for this context and the tasks it starts."""
    _clusters.set(set())


def note_cluster(cluster_id: str) -> None:
    """Add a cluster. Does nothing outside an invocation."""
    noted = _clusters.get()
    if noted is not None:
        noted.add(cluster_id)


def noted_clusters() -> frozenset[str]:
    """Return the ids so far."""
    return frozenset(_clusters.get() or ())
