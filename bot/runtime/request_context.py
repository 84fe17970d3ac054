"""The context of the current invocation: its trace id and the API requests it made."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from bot.domain.request import ApiRequest

trace_id: ContextVar[str] = ContextVar("trace_id", default="-")

_requests: ContextVar[list[ApiRequest] | None] = ContextVar("api_requests", default=None)


@contextmanager
def named_by_trace(trace: str) -> Generator[None, None, None]:
    """Give the running task this trace id, also as its name: by that a stall of the loop names its cause."""
    trace_id.set(trace)
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
    requests = _requests.get()
    if requests is not None:
        requests.append(request)
