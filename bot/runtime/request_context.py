"""The context of the current invocation: its trace id, the API requests it made, and its clusters."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from bot.domain.request import ApiRequest

trace_id: ContextVar[str] = ContextVar("trace_id", default="-")

_requests: ContextVar[list[ApiRequest] | None] = ContextVar("api_requests", default=None)

_clusters: ContextVar[set[str] | None] = ContextVar("clusters_asked_about", default=None)
"""The clusters that it is about, for the rows that it writes."""


@contextmanager
def begin_invocation(trace: str) -> Generator[None, None, None]:
    """Give the running task this trace id, also as its name: by that a stall of the loop names its cause. It
    begins with no clusters."""
    trace_id.set(trace)
    _clusters.set(set())
    task = asyncio.current_task()
    name = task.get_name() if task else ""
    if task:
        task.set_name(trace)
    try:
        yield
    finally:
        if task:
            task.set_name(name)


def collect_requests() -> list[ApiRequest]:
    """Begin a new list for this context (and the tasks it starts); `record_request` appends to it."""
    requests: list[ApiRequest] = []
    _requests.set(requests)
    return requests


def record_request(request: ApiRequest) -> None:
    """Note a request that was sent to the cloud. Does nothing outside an invocation."""
    if (requests := _requests.get()) is not None:
        requests.append(request)


def note_cluster(cluster_id: str) -> None:
    """Add a cluster. Does nothing outside an invocation."""
    if (noted := _clusters.get()) is not None:
        noted.add(cluster_id)


def noted_clusters() -> frozenset[str]:
    return frozenset(_clusters.get() or ())
