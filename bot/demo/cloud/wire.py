"""Requests and answers as bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from bot.demo.cloud.refusals import ApiRefusal, error_body
from bot.demo.loopback_server import ConnectionCut


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A completely read request."""

    method: str
    segments: tuple[str, ...]
    """The path below the API's base, split at its slashes and decoded."""
    base: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        return "/" + "/".join(self.segments)

    def json(self) -> Any:
        """Return the body. Raises ApiRefusal 415 for another content type, 400 for what is not JSON."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise ApiRefusal(415, "The content type must be application/json")
        try:
            value = json.loads(self.body, parse_constant=_refuse_constant)
            # A lone surrogate is valid JSON but not valid text: it could not be sent back.
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise ApiRefusal(400, "The body is not valid JSON") from None
        return value


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


async def read(scope: Scope, receive: Receive) -> ReceivedRequest:
    """Read a request. A percent-encoded slash stays part of its segment."""
    root = scope.get("root_path", "")
    raw = scope.get("raw_path") or scope["path"].encode()
    segments = raw.decode("latin-1").split("/")[1 + root.count("/") :]
    headers = {key.decode("latin-1").lower(): each.decode("latin-1") for key, each in scope["headers"]}
    # The first of a repeated parameter counts.
    pairs = reversed(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return ReceivedRequest(
        method=scope["method"],
        segments=tuple(unquote(segment) for segment in segments),
        base=f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}{root}",
        query=dict(pairs),
        headers=headers,
        body=await Request(scope, receive).body(),
    )


_BODILESS = (204, 304)


@dataclass(frozen=True, slots=True)
class Payload:
    """An answer as bytes. With `cut_after`, only so many are sent and the connection is closed."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    cut_after: int | None = None

    async def send(self, send: Send) -> None:
        """Send the answer. Raises ConnectionCut if it is to stay incomplete."""
        if self.cut_after is not None and self.status in _BODILESS:
            # An answer without a body is complete after its head, so nothing is sent.
            raise ConnectionCut
        await send({"type": "http.response.start", "status": self.status, "headers": self._header_list()})
        if self.cut_after is None:
            await send({"type": "http.response.body", "body": self.body})
            return
        await send({"type": "http.response.body", "body": self.body[: self.cut_after], "more_body": True})
        raise ConnectionCut

    def _header_list(self) -> list[tuple[bytes, bytes]]:
        headers = dict(self.headers)
        if self.body:
            headers["content-type"] = self.content_type
        if self.status not in _BODILESS:
            # An empty body that is cut must announce a byte, or the client would not notice.
            announced = max(len(self.body), 0 if self.cut_after is None else self.cut_after + 1)
            headers["content-length"] = str(announced)
        return [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()]


def as_json(status: int, value: Any, content_type: str, headers: Mapping[str, str] | None = None) -> Payload:
    """Return an answer of `value`, None for no body."""
    body = b"" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Payload(status, body, content_type, tuple((headers or {}).items()))


def refused(api: str, refusal: ApiRefusal, style: str) -> Payload:
    """Return the answer of a refusal: v1 declares `application/problem+json` (notes, section 12), v2 JSON."""
    content_type = "application/problem+json" if api == "v1" else "application/json"
    return as_json(refusal.status, error_body(api, refusal, style), content_type, refusal.headers)
