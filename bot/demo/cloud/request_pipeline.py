"""One API at one address: the steps of a request from receipt to answer."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.types import Receive, Scope, Send

from bot.demo.cloud.access import authenticate, check_permission, choose_contract
from bot.demo.cloud.call import ApiCall, SpecOperation
from bot.demo.cloud.cloud import MUTATING, CallKey, Cloud, Post
from bot.demo.cloud.fault_injection import FaultInjection
from bot.demo.cloud.places import REGION_BY_LABEL, Region
from bot.demo.cloud.refusals import ApiRefusal
from bot.demo.cloud.wire import Payload, ReceivedRequest, as_json, read, refused


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """The operation of a request. `path` is the specification's, or "(unknown)"."""

    path: str
    operation: SpecOperation | None
    params: dict[str, str]
    allowed: tuple[str, ...] = ()


class Routes:
    """The paths of one API. A fixed word wins over a parameter: `/clusters/backups` is not a cluster."""

    def __init__(self, operations: Sequence[SpecOperation]) -> None:
        self._operations: dict[str, dict[str, SpecOperation]] = {}
        for operation in operations:
            self._operations.setdefault(operation.path, {})[operation.method] = operation
        self._templates = sorted(
            ((tuple(path.strip("/").split("/")), path) for path in self._operations),
            key=lambda template: [word.startswith("{") for word in template[0]],
        )

    def match(self, method: str, segments: Sequence[str]) -> RouteMatch:
        """Match a request. An unknown path has no operation and no allowed methods."""
        for words, path in self._templates:
            params = _params(words, segments)
            if params is not None:
                by_method = self._operations[path]
                return RouteMatch(path, by_method.get(method), params, tuple(sorted(by_method)))
        return RouteMatch("(unknown)", None, {})


def _params(words: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    if len(words) != len(segments):
        return None
    params = {}
    for word, segment in zip(words, segments, strict=True):
        if word.startswith("{") and segment:
            params[word[1:-1]] = segment
        elif word != segment:
            return None
    return params


class RequestPipeline:
    """An ASGI application for v1 or the Cloud API (`region` None), or for v2 in one region."""

    def __init__(self, cloud: Cloud, api: str, region: Region | None, routes: Routes) -> None:
        self._cloud = cloud
        self._api = api
        self._region = region
        self._label = "" if region is None else region.label
        self._routes = routes
        self._used: dict[int, tuple[datetime, int]] = {}
        self._first_answers: dict[tuple[int, str, str], Payload] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        received = await read(scope, receive)
        if self._api == "v2" and self._cloud.switches.v2_path_prefix and received.segments[:1] == ("v2",):
            received = replace(received, segments=received.segments[1:])
        match = self._routes.match(received.method, received.segments)
        post = Post(
            at=self._cloud.clock.now(),
            api=self._api,
            region=self._label,
            method=received.method,
            path=received.path,
            id=match.params.get("clusterId", ""),
        )
        if received.method in MUTATING:
            # Recorded on receipt, so that a request without an answer is recorded too.
            self._cloud.posts.add(post)
        self._cloud.calls.begin()
        try:
            payload = await self._answer(received, match, receive)
            post.status = payload.status
            await payload.send(send)
        finally:
            self._cloud.calls.end(CallKey(self._api, self._label, match.path, received.method, post.status))

    async def _answer(self, received: ReceivedRequest, match: RouteMatch, receive: Receive) -> Payload:
        if self._cloud.latency_seconds:
            await asyncio.sleep(self._cloud.latency_seconds)
        faults = self._cloud.faults.meet(self._api, self._label, received.method, received.path)

        def work(*, endless: bool = False, answers_as: str = "") -> Payload:
            # Nothing here awaits, so that each request is handled completely before the next.
            region, asked = self._region, received
            if answers_as:
                base = received.base.replace(self._label, answers_as)
                region, asked = REGION_BY_LABEL[answers_as], replace(received, base=base)
            try:
                return self._handle(asked, match, region, endless=endless)
            except ApiRefusal as refusal:
                return refused(self._api, refusal, self._cloud.switches.error_body)

        return await FaultInjection(self._cloud, self._api, received, work).answer(faults, receive)

    def _handle(
        self, received: ReceivedRequest, match: RouteMatch, region: Region | None, *, endless: bool
    ) -> Payload:
        now = self._cloud.take_due_steps()
        switches, headers = self._cloud.switches, received.headers
        access = authenticate(self._api, headers.get("authorization", ""), switches)
        contract = choose_contract(self._api, headers.get("x-contract-number"), access, switches)
        self._count(contract, now)
        operation = _operation(match)
        check_permission(self._api, received.method, contract, access)
        key = headers.get("idempotency-key", "") if operation.method == "POST" else ""
        replay = (contract, f"{self._label} {received.path}", key)
        if switches.idempotency_keys and replay in self._first_answers:
            return self._first_answers[replay]
        call = ApiCall(
            cloud=self._cloud,
            now=now,
            api=self._api,
            region=region,
            base=received.base,
            access=access,
            contract=contract,
            params=match.params,
            query=received.query,
            body=received.json() if operation.takes_body else None,
            endless=endless,
        )
        answer = operation.endpoint(call)
        payload = as_json(answer.status, answer.body, "application/json", answer.headers)
        if key:
            self._first_answers[replay] = payload
        is_tagged = operation.method == "GET" and switches.caching == "etag"
        return _with_tag(payload, headers.get("if-none-match")) if is_tagged else payload

    def _count(self, contract: int, now: datetime) -> None:
        """Count a request in this minute. Raises ApiRefusal 429 with the seconds until the next one."""
        per_minute = self._cloud.switches.rate_per_minute
        if not per_minute:
            return
        minute = now.replace(second=0, microsecond=0)
        begun, used = self._used.get(contract, (minute, 0))
        used = used if begun == minute else 0
        if used >= per_minute:
            wait = str(60 - now.second)
            raise ApiRefusal(429, "Rate limit exceeded", headers={"retry-after": wait})
        self._used[contract] = (minute, used + 1)


def _operation(match: RouteMatch) -> SpecOperation:
    """Return the operation of the match. Raises ApiRefusal 404 or 405."""
    if match.operation is not None:
        return match.operation
    if not match.allowed:
        raise ApiRefusal(404, "There is nothing at this path")
    allow = ", ".join(match.allowed)
    raise ApiRefusal(405, "This method is not supported here", headers={"allow": allow})


def _with_tag(payload: Payload, known: str | None) -> Payload:
    """Return the answer with an entity tag, or 304 without a body if the caller has it."""
    # A tag, not a signature: any short digest does.
    tag = f'"{hashlib.blake2b(payload.body, digest_size=8).hexdigest()}"'
    headers = (*payload.headers, ("etag", tag))
    return Payload(304, headers=headers) if known == tag else replace(payload, headers=headers)
