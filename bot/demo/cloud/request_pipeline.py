"""One API at one address: what happens to a request from its arrival to its answer, in order."""

import asyncio
from collections.abc import Sequence
from functools import partial

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from bot.demo.cloud.access import CredentialScope, admit, choose_contract, permit
from bot.demo.cloud.call import ApiCall, SpecOperation
from bot.demo.cloud.call_counts import CallKey
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.fault_injection import FaultInjection
from bot.demo.cloud.faults import FaultTarget
from bot.demo.cloud.optional_limits import IdempotencyCache, RateWindows, with_tag
from bot.demo.cloud.places import Region
from bot.demo.cloud.refusals import ApiRefusal, error_body, error_type
from bot.demo.cloud.routes import RouteMatch, Routes
from bot.demo.cloud.wire import Payload, ReceivedRequest, as_json, read
from bot.demo.cloud.write_journal import MUTATING, Post


class RequestPipeline:
    """An ASGI application for v1 (`region` None), or for v2 in one region."""

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
        arrival = await read(Request(scope, receive))
        match = self._routes.match(arrival.method, self._segments(arrival))
        status = 0
        post = self._post(arrival, match)
        self._cloud.calls.arrive()
        try:
            payload = await self._answer(arrival, match, receive)
            status = payload.status
            await payload.send(send)
        finally:
            key = CallKey(self._api, self._label, arrival.method, match.path, status)
            self._cloud.calls.leave(key)
            post.status = status

    def _post(self, arrival: ReceivedRequest, match: RouteMatch) -> Post:
        post = Post(
            at=self._cloud.clock.now(),
            api=self._api,
            region=self._label,
            method=arrival.method,
            path="/" + "/".join(self._segments(arrival)),
            id=match.params.get("clusterId", ""),
        )
        if arrival.method in MUTATING:
            # Noted on arrival: a request that is never answered has arrived all the same.
            self._cloud.posts.add(post)
        return post

    def _segments(self, arrival: ReceivedRequest) -> tuple[str, ...]:
        prefixed = self._api == "v2" and self._cloud.switches.v2_path_prefix
        return arrival.segments[1:] if prefixed and arrival.segments[:1] == ("v2",) else arrival.segments

    async def _answer(self, arrival: ReceivedRequest, match: RouteMatch, receive: Receive) -> Payload:
        if self._cloud.latency_seconds:
            await asyncio.sleep(self._cloud.latency_seconds)
        path = "/" + "/".join(self._segments(arrival))
        faults = self._cloud.faults.meet(FaultTarget(self._api, self._label, arrival.method, path))
        work = partial(self._work, arrival, match, endless=False)
        endless = partial(self._work, arrival, match, endless=True)
        return await FaultInjection(self._cloud, self._api, arrival, work, endless).answer(faults, receive)

    def _work(self, arrival: ReceivedRequest, match: RouteMatch, *, endless: bool) -> Payload:
        # Nothing in here awaits: one request is dealt with whole before the next is looked at.
        try:
            return self._carry_out(arrival, match, endless=endless)
        except ApiRefusal as refusal:
            body = error_body(self._api, refusal, self._cloud.switches.error_body)
            return as_json(refusal.status, body, error_type(self._api), refusal.headers)

    def _carry_out(self, arrival: ReceivedRequest, match: RouteMatch, *, endless: bool) -> Payload:
        now = self._cloud.settle()
        switches = self._cloud.switches
        access = admit(self._api, arrival.headers.get("authorization", ""), switches)
        contract = choose_contract(self._api, arrival.headers.get("x-contract-number"), access, switches)
        self._rates.take(contract, now, switches.rate_per_minute)
        operation = _operation(match)
        permit(self._api, arrival.method, contract, access)
        replay = (contract, f"{self._label} {arrival.path}", arrival.headers.get("idempotency-key", ""))
        if earlier := self._earlier(operation, replay):
            return earlier
        call = self._call(arrival, match, access, contract, endless=endless)
        answer = operation.endpoint(call)
        payload = as_json(answer.status, answer.body, "application/json")
        return self._finish(operation, arrival, replay, payload)

    def _call(
        self,
        arrival: ReceivedRequest,
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
            base=arrival.base,
            access=access,
            contract=contract,
            params=match.params,
            query=arrival.query,
            body=arrival.json() if takes_body else None,
            endless=endless,
        )

    def _earlier(self, operation: SpecOperation, replay: tuple[int, str, str]) -> Payload | None:
        wanted = self._cloud.switches.idempotency_keys and operation.method == "POST" and replay[2]
        return self._replays.recall(replay) if wanted else None

    def _finish(
        self,
        operation: SpecOperation,
        arrival: ReceivedRequest,
        replay: tuple[int, str, str],
        payload: Payload,
    ) -> Payload:
        if operation.method == "POST" and replay[2]:
            self._replays.keep(replay, payload)
        if operation.method == "GET" and self._cloud.switches.caching == "etag":
            return with_tag(payload, arrival.headers.get("if-none-match"))
        return payload


def _operation(match: RouteMatch) -> SpecOperation:
    """Return the operation that was asked for. Raises Refusal 404 or 405."""
    if match.operation is not None:
        return match.operation
    if not match.allowed:
        raise ApiRefusal(404, "There is nothing at this path")
    allow = ", ".join(match.allowed)
    raise ApiRefusal(405, "This method is not supported here", headers={"allow": allow})
