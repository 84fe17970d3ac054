"""Errors in the stand-in's words, and the two shapes in which the APIs send them."""

from typing import Any

import pydantic

_CODES = {400: "parse", 401: "auth", 402: "trial", 403: "permission", 404: "not-found", 405: "method"}


class ApiRefusal(Exception):
    """A request is answered with this status; every message is for the caller and holds no secret."""

    def __init__(self, status: int, *messages: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status}: {'; '.join(messages)}")
        self.status = status
        self.messages = messages
        self.headers = headers or {}


def no_such(kind: str) -> ApiRefusal:
    """Return 404 for a thing that is not there, or that this contract may not know about."""
    return ApiRefusal(404, f"The requested {kind} does not exist")


def from_pydantic(error: pydantic.ValidationError) -> ApiRefusal:
    """Return 422 with one message per fault, naming the field and never the value that was sent."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return ApiRefusal(422, *(f"{_path(fault['loc'])}: {fault['msg']}" for fault in faults))


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "body"


def error_body(api: str, refusal: ApiRefusal, style: str) -> dict[str, Any]:
    """Return `{"httpStatus", "messages"}`, the shape of both APIs; every field is optional by schema."""
    if style == "empty":
        return {}
    body: dict[str, Any] = {"httpStatus": refusal.status}
    body["messages"] = [{"message": message} for message in refusal.messages]
    if style == "full":
        for message in body["messages"]:
            message["errorCode"] = _code(api, refusal.status)
    return body


def _code(api: str, status: int) -> str:
    # Real codes are unknown: the form of v1 is the Java SDK's example, v2's 401 that of sister services.
    if api == "v2" and status == 401:
        return "paas-auth-1"
    prefix = "dbaas-err" if api == "v1" else "paas"
    return f"{prefix}-{_CODES.get(status, 'validation' if status == 422 else 'api')}-{status}"


def error_type(api: str) -> str:
    """Return `application/problem+json` for v1's errors (notes, section 12), plain JSON for v2's."""
    return "application/problem+json" if api == "v1" else "application/json"
