"""One API at one address: the steps of a request from receipt to answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from starlette.types import Receive, Scope, Send

from bot.demo.cloud.access import CredentialScope, authenticate, check_permission, choose_contract
from bot.demo.cloud.call import ApiCall, SpecOperation
from bot.demo.cloud.call_counts import CallKey
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.fault_injection import FaultInjection
from bot.demo.cloud.faults import FaultTarget
from bot.demo.cloud.optional_limits import IdempotencyCache, RateWindows, with_tag
from bot.demo.cloud.places import REGION_BY_LABEL, Region
from bot.demo.cloud.refusals import ApiRefusal, error_body, error_type
from bot.demo.cloud.routes import RouteMatch, Routes
from bot.demo.cloud.wire import Payload, ReceivedRequest, as_json, read
from bot.demo.cloud.write_journal import MUTATING, Post


class RequestPipeline:
    """An ASGI application for v1 or the Cloud API (`region` None), or for v2 in one region."""

    def __init__(
        self, cloud: Cloud, api: str, region: Region | None, operations: Sequence[SpecOperation]
    ) -> None:
        self._cloud = cloud
        self._api = api
        self._region = region
        self._routes = Routes(operations)
        self._rates = RateWindows()
        self._replays = IdempotencyCache()

    @property
    def _label(self) -> str:
        return "" if self._region is None else self._region.label

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        received = await read(scope, receive)
        match = self._routes.match(received.method, self._segments(received))
        status = 0
        post = self._post(received, match)
        self._cloud.calls.begin()
        try:
            payload = await self._answer(received, match, receive)
            status = payload.status
            await payload.send(send)
        finally:
            key = CallKey(self._api, self._label, received.method, match.path, status)
            self._cloud.calls.end(key)
            post.status = status

    def _post(self, received: ReceivedRequest, match: RouteMatch) -> Post:
        post = Post(
            at=self._cloud.clock.now(),
            api=self._api,
            region=self._label,
            method=received.method,
            path="/" + "/".join(self._segments(received)),
            id=match.params.get("clusterId", ""),
        )
        if received.method in MUTATING:
            # Recorded on receipt, so that a request without an answer is recorded too.
            self._cloud.posts.add(post)
        return post

    def _segments(self, received: ReceivedRequest) -> tuple[str, ...]:
        prefixed = self._api == "v2" and self._cloud.switches.v2_path_prefix
        return received.segments[1:] if prefixed and received.segments[:1] == ("v2",) else received.segments

    async def _answer(self, received: ReceivedRequest, match: RouteMatch, receive: Receive) -> Payload:
        if self._cloud.latency_seconds:
            await asyncio.sleep(self._cloud.latency_seconds)
        path = "/" + "/".join(self._segments(received))
        faults = self._cloud.faults.meet(FaultTarget(self._api, self._label, received.method, path))
        work = partial(self._work, received, match, endless=False)
        endless = partial(self._work, received, match, endless=True)

        def elsewhere(label: str) -> Payload:
            base = received.base.replace(self._label, label)
            other = replace(received, base=base)
            return self._work(other, match, endless=False, region=REGION_BY_LABEL[label])

        injection = FaultInjection(self._cloud, self._api, received, work, endless, elsewhere)
        return await injection.answer(faults, receive)

    def _work(
        self, received: ReceivedRequest, match: RouteMatch, *, endless: bool, region: Region | None = None
    ) -> Payload:
        # Nothing here awaits, so that each request is handled completely before the next.
        try:
            return self._handle(received, match, endless=endless, region=region or self._region)
        except ApiRefusal as refusal:
            body = error_body(self._api, refusal, self._cloud.switches.error_body)
            return as_json(refusal.status, body, error_type(self._api), refusal.headers)

    def _handle(
        self, received: ReceivedRequest, match: RouteMatch, *, endless: bool, region: Region | None
    ) -> Payload:
        now = self._cloud.take_due_steps()
        switches = self._cloud.switches
        access = authenticate(self._api, received.headers.get("authorization", ""), switches)
        contract = choose_contract(self._api, received.headers.get("x-contract-number"), access, switches)
        self._rates.take(contract, now, switches.rate_per_minute)
        operation = _operation(match)
        check_permission(self._api, received.method, contract, access)
        replay = (contract, f"{self._label} {received.path}", received.headers.get("idempotency-key", ""))
        if earlier := self._repeated_answer(operation, replay):
            return earlier
        call = replace(self._call(received, match, access, contract, endless=endless), region=region)
        answer = operation.endpoint(call)
        payload = as_json(answer.status, answer.body, "application/json", answer.headers)
        return self._finish(operation, received, replay, payload)

    def _call(
        self,
        received: ReceivedRequest,
        match: RouteMatch,
        access: CredentialScope,
        contract: int,
        *,
        endless: bool,
    ) -> ApiCall:
        takes_body = match.operation is not None and match.operation.takes_body
        return ApiCall(
            cloud=self._cloud,
            now=self._cloud.clock.now(),
            api=self._api,
            region=self._region,
            base=received.base,
            access=access,
            contract=contract,
            params=match.params,
            query=received.query,
            body=received.json() if takes_body else None,
            endless=endless,
        )

    def _repeated_answer(self, operation: SpecOperation, replay: tuple[int, str, str]) -> Payload | None:
        is_used = self._cloud.switches.idempotency_keys and operation.method == "POST" and replay[2]
        return self._replays.recall(replay) if is_used else None

    def _finish(
        self,
        operation: SpecOperation,
        received: ReceivedRequest,
        replay: tuple[int, str, str],
        payload: Payload,
    ) -> Payload:
        if operation.method == "POST" and replay[2]:
            self._replays.keep(replay, payload)
        if operation.method == "GET" and self._cloud.switches.caching == "etag":
            return with_tag(payload, received.headers.get("if-none-match"))
        return payload


def _operation(match: RouteMatch) -> SpecOperation:
    """Return the operation of the match. Raises ApiRefusal 404 or 405."""
    if match.operation is not None:
        return match.operation
    if not match.allowed:
        raise ApiRefusal(404, "There is nothing at this path")
    allow = ", ".join(match.allowed)
    raise ApiRefusal(405, "This method is not supported here", headers={"allow": allow})
