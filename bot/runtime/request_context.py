"""The context of the current invocation: its trace id and the API requests it made."""

from contextvars import ContextVar

from bot.domain.request import ApiRequest

trace_id: ContextVar[str] = ContextVar("trace_id", default="-")

_requests: ContextVar[list[ApiRequest] | None] = ContextVar("api_requests", default=None)


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
