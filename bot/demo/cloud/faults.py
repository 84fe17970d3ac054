"""Faults that the operator orders, each with its target and number of times."""

import asyncio
import itertools
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "latency",
    "status",
    "hang",
    "cut",
    "malformed",
    "html",
    "accept_and_ignore",
    "crash_after_accept",
    "endless_pages",
    "other_region",
    "conflicting_entries",
    "bomb",
]


class FaultOrder(BaseModel):
    """An order for a fault. Only the fields that its kind names are used.

    - `latency`: wait `seconds` of the machine's time (not the virtual clock's), then continue.
    - `status`: answer `status`, with `Retry-After: retry_after` if given; nothing is done.
    - `hang`: no answer until the client disconnects or the fault is removed; then continue.
    - `cut`: do the work, send half of the answer and close the connection.
    - `malformed`: do the work, answer the first half of the JSON.
    - `html`: answer a proxy's HTML page with `status` (default 200); nothing is done.
    - `accept_and_ignore`: answer as if the work were done, and change nothing.
    - `crash_after_accept`: do the work, then close without an answer, or answer `status` if given.
    - `endless_pages`: lists never end: they start again after the last page.
    - `other_region`: a host of v2 answers as that of `answers_as` does, such as `fr-par`.
    - `conflicting_entries`: a list has its first entry twice, the second time with another name.
    - `bomb`: answer `size_mb` of blanks in a JSON text, compressed by each coding of `encoding` in turn.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    method: str = "*"
    path: str = "**"
    """Below the API's base; `*` is one segment, `**` any number: `/clusters/*/restore`."""
    api: Literal["v1", "v2", "cloud", "*"] = "*"
    region: str = "*"
    """A v2 region label such as `de-txl`. v1 and `cloud`, the Cloud API, have none: only `*` matches them."""
    times: Annotated[int, Field(ge=1)] | None = None
    """Number of requests that it affects; None is without limit."""
    skip: Annotated[int, Field(ge=0)] = 0
    """Number of matching requests that pass first."""
    seconds: Annotated[float, Field(ge=0)] = 0.0
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = None
    answers_as: str = ""
    size_mb: Annotated[int, Field(ge=1, le=1024)] = 300
    encoding: str = "gzip"


@dataclass(slots=True)
class ActiveFault:
    """An order in force. `met` counts the affected requests."""

    id: int
    order: FaultOrder
    left: int | None
    to_skip: int
    met: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def matches(self, api: str, region: str, method: str, path: str) -> bool:
        order = self.order
        return (
            self.left != 0
            and order.method in ("*", method)
            and order.api in ("*", api)
            and order.region in ("*", region)
            and _matches_path(order.path, path)
        )

    def describe(self) -> dict[str, object]:
        return {"id": self.id, **self.order.model_dump(), "left": self.left, "met": self.met}


class FaultBook:
    """The faults in force, oldest first."""

    def __init__(self) -> None:
        self._faults: dict[int, ActiveFault] = {}
        self._numbers = itertools.count(1)

    def add(self, order: FaultOrder) -> ActiveFault:
        fault = ActiveFault(next(self._numbers), order, left=order.times, to_skip=order.skip)
        self._faults[fault.id] = fault
        return fault

    def remove(self, number: int) -> bool:
        """End a fault and release its hanging requests. Return False if the number is unknown."""
        fault = self._faults.pop(number, None)
        if fault is not None:
            fault.released.set()
        return fault is not None

    def clear(self) -> None:
        for number in list(self._faults):
            self.remove(number)

    def all(self) -> list[ActiveFault]:
        return list(self._faults.values())

    def meet(self, api: str, region: str, method: str, path: str) -> list[ActiveFault]:
        """Return the faults for this request: any number of latencies, then at most one other."""
        if not self._faults:
            return []
        met: list[ActiveFault] = []
        for fault in self.all():
            if not fault.matches(api, region, method, path) or (
                fault.order.kind != "latency" and _has_outcome(met)
            ):
                continue
            if fault.to_skip:
                fault.to_skip -= 1
                continue
            self._use(fault)
            met.append(fault)
        return met

    def _use(self, fault: ActiveFault) -> None:
        fault.met += 1
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left == 0 and fault.order.kind != "hang":
            del self._faults[fault.id]
        # A used-up hang is kept without effect, so that its hanging requests can still be released.


def _has_outcome(met: list[ActiveFault]) -> bool:
    return any(fault.order.kind != "latency" for fault in met)


_WILDCARDS = ("**", "*")
_PARTS = re.compile(r"\*\*|.", re.DOTALL)


@lru_cache(maxsize=256)
def _matches_path(pattern: str, path: str) -> bool:
    """Return whether a path matches; `**` is any text and `*` any without a slash.

    Every place in the pattern that the path so far may lead to is followed at once: no pattern takes long.
    """
    parts = _PARTS.findall(pattern)
    places = _past_wildcards(parts, {0})
    for letter in path:
        taken = {place for place in places if place < len(parts) and _takes(parts[place], letter)}
        places = _past_wildcards(parts, {place + (parts[place] not in _WILDCARDS) for place in taken})
    return len(parts) in places


def _takes(part: str, letter: str) -> bool:
    return part in {letter, "**"} or (part == "*" and letter != "/")


def _past_wildcards(parts: list[str], places: set[int]) -> set[int]:
    for place, part in enumerate(parts):
        if place in places and part in _WILDCARDS:
            places.add(place + 1)
    return places
