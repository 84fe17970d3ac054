"""The effect of a fault on a request."""

import asyncio
import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from starlette.types import Receive

from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.compression_bomb import make_bomb
from bot.demo.cloud.faults import ActiveFault, FaultOrder
from bot.demo.cloud.refusals import ApiRefusal, error_body, error_type
from bot.demo.cloud.wire import Payload, ReceivedRequest, as_json
from bot.demo.loopback_server import ConnectionCut

Work = Callable[[], Payload]
"""A function that handles the request and returns its answer."""

_HTML = (
    b"<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>Please wait</h1></body></html>\n"
)


@dataclass(frozen=True, slots=True)
class FaultInjection:
    """One request, its normal answer, and the faults that replace it."""

    cloud: Cloud
    api: str
    received: ReceivedRequest
    work: Work
    endless_work: Work
    """The same as `work`, with lists that never end."""
    work_elsewhere: Callable[[str], Payload]
    """The same as `work`, as the host of the v2 region with this label does it."""

    async def answer(self, faults: Sequence[ActiveFault], receive: Receive) -> Payload:
        """Return the answer under these faults. Raises ConnectionCut for no answer at all."""
        last: ActiveFault | None = None
        for fault in faults:
            if fault.order.kind == "latency":
                await asyncio.sleep(fault.order.seconds)
            else:
                last = fault
        if last is None:
            return self.work()
        if last.order.kind == "hang":
            return await self._hang(last, receive)
        return self._outcome(last.order)

    def _outcome(self, order: FaultOrder) -> Payload:
        outcomes: dict[str, Callable[[FaultOrder], Payload]] = {
            "status": self._status,
            "cut": self._cut,
            "malformed": self._malformed,
            "html": lambda order: Payload(order.status or 200, _HTML, "text/html; charset=utf-8"),
            "accept_and_ignore": self._ignore,
            "crash_after_accept": self._crash,
            "endless_pages": lambda _: self.endless_work(),
            "other_region": lambda order: self.work_elsewhere(order.answers_as),
            "conflicting_entries": self._conflict,
            "bomb": lambda order: make_bomb(order.size_mb, order.encoding),
        }
        return outcomes[order.kind](order)

    async def _hang(self, fault: ActiveFault, receive: Receive) -> Payload:
        gone = asyncio.create_task(_wait_disconnect(receive))
        released = asyncio.create_task(fault.released.wait())
        try:
            await asyncio.wait({gone, released}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            released.cancel()
        if not fault.released.is_set():
            raise ConnectionCut
        return self.work()

    def _status(self, order: FaultOrder) -> Payload:
        headers = {} if order.retry_after is None else {"retry-after": str(order.retry_after)}
        return self._failure(order.status or 503, headers)

    def _failure(self, status: int, headers: dict[str, str] | None = None) -> Payload:
        refusal = ApiRefusal(status, "The service cannot answer this request")
        body = error_body(self.api, refusal, self.cloud.switches.error_body)
        return as_json(status, body, error_type(self.api), headers)

    def _cut(self, _: FaultOrder) -> Payload:
        payload = self.work()
        return replace(payload, cut_after=len(payload.body) // 2)

    def _malformed(self, _: FaultOrder) -> Payload:
        payload = self.work()
        return replace(payload, body=payload.body[: len(payload.body) // 2] or b"{")

    def _conflict(self, _: FaultOrder) -> Payload:
        payload = self.work()
        whole = json.loads(payload.body)
        if whole.get("items"):
            twin = copy.deepcopy(whole["items"][0])
            twin["properties"] |= {
                name: "another" for name in ("name", "location") if name in twin["properties"]
            }
            whole["items"].append(twin)
        return as_json(payload.status, whole, payload.content_type)

    def _crash(self, order: FaultOrder) -> Payload:
        self.work()
        if order.status is None:
            raise ConnectionCut
        return self._failure(order.status)

    def _ignore(self, _: FaultOrder) -> Payload:
        # Do the work for its answer, then undo it.
        known = {record.id for record in self.cloud.everything()}
        before = [copy.deepcopy(record) for record in map(self.cloud.find, self.received.segments) if record]
        payload = self.work()
        for record in [record for record in self.cloud.everything() if record.id not in known]:
            self.cloud.discard(record)
        for record in before:
            self.cloud.replace(record)
        return payload


async def _wait_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
