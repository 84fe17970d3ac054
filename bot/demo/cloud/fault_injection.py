"""The effect of a fault on a request."""

import asyncio
import copy
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from starlette.types import Receive

from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.faults import ActiveFault, FaultOrder
from bot.demo.cloud.refusals import ApiRefusal
from bot.demo.cloud.wire import Payload, ReceivedRequest, as_json, refused
from bot.demo.loopback_server import ConnectionCut

_HTML = (
    b"<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>Please wait</h1></body></html>\n"
)

_WINDOWS = {"gzip": 31, "deflate": 15, "raw deflate": -15}
"""The forms of `deflate` (RFC 9110, 8.4.1): a zlib stream, and without its frame, which many servers send."""


class Work(Protocol):
    """A function that handles the request and returns its answer.

    `endless`: with lists that never end; `answers_as`: as the host of the v2 region with this label does it.
    """

    def __call__(self, *, endless: bool = False, answers_as: str = "") -> Payload: ...


@dataclass(frozen=True, slots=True)
class FaultInjection:
    """One request, its normal answer, and the faults that replace it."""

    cloud: Cloud
    api: str
    received: ReceivedRequest
    work: Work

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
            "endless_pages": lambda _: self.work(endless=True),
            "other_region": lambda order: self.work(answers_as=order.answers_as),
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
        refusal = ApiRefusal(status, "The service cannot answer this request", headers=headers)
        return refused(self.api, refusal, self.cloud.switches.error_body)

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


@lru_cache(maxsize=4)
def make_bomb(size_mb: int, encoding: str) -> Payload:
    """Return `size_mb` of blanks in a JSON text, compressed by each coding of `encoding` in turn."""
    chunks = (b'{"items": [', *([b" " * 1024 * 1024] * size_mb), b"]}")
    names = [each.strip() for each in encoding.split(",")]
    for name in names:
        packer = zlib.compressobj(9, zlib.DEFLATED, _WINDOWS[name])
        chunks = (*map(packer.compress, chunks), packer.flush())
    header = ", ".join(name.removeprefix("raw ") for name in names)
    return Payload(200, b"".join(chunks), headers=(("content-encoding", header),))
