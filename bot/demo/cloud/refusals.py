"""The simulator's errors, in the two shapes of the APIs."""

from typing import Any

import pydantic

_CODES = {400: "parse", 401: "auth", 402: "trial", 403: "permission", 404: "not-found", 405: "method"}


class ApiRefusal(Exception):
    """An error answer with this status; its messages are for the caller and hold no secret."""

    def __init__(self, status: int, *messages: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status}: {'; '.join(messages)}")
        self.status = status
        self.messages = messages
        self.headers = headers or {}


def no_such(kind: str) -> ApiRefusal:
    """Return 404 for a thing that does not exist or is not visible to this contract."""
    return ApiRefusal(404, f"The requested {kind} does not exist")


def from_pydantic(error: pydantic.ValidationError) -> ApiRefusal:
    """Return 422 with one message per error, naming the field and never the value sent."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return ApiRefusal(422, *(f"{_path(fault['loc'])}: {fault['msg']}" for fault in faults))


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "body"


def error_body(api: str, refusal: ApiRefusal, style: str) -> dict[str, Any]:
    """Return `{"httpStatus", "messages"}`, the shape of both APIs; the schema makes every field optional."""
    if style == "empty":
        return {}
    body: dict[str, Any] = {"httpStatus": refusal.status}
    body["messages"] = [{"message": message} for message in refusal.messages]
    if style == "full":
        for message in body["messages"]:
            message["errorCode"] = _code(api, refusal.status)
    return body


def _code(api: str, status: int) -> str:
    # Real codes are unknown: v1's form is the Java SDK's example, v2's 401 is that of similar services.
    if api == "v2" and status == 401:
        return "paas-auth-1"
    prefix = "dbaas-err" if api == "v1" else "paas"
    return f"{prefix}-{_CODES.get(status, 'validation' if status == 422 else 'api')}-{status}"
