"""One API of one contract, asked politely: what the methods of both generations share."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bot.domain.cluster import Listing
from bot.ionos.endpoint import Place
from bot.ionos.http_errors import Answer, Call, unreadable
from bot.ionos.pagination import PAGE_SIZE, Kind, read_list
from bot.ionos.tolerant_models import Entries, Reading, ReadModel, read_answer, read_page
from bot.ionos.transport import Transport
from bot.ionos.write_intent import Intent

Wire = TypeVar("Wire", bound=ReadModel)
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, and the call that it answers."""

    call: Call
    answer: Answer

    def read(self, model: type[Wire], to_domain: Callable[[Reading[Wire]], Thing | None]) -> Thing:
        """What it is about. Raises Unreadable (a write: OutcomeUnknown) when it does not say that."""
        thing = to_domain(read_answer(model, self.answer, self.call))
        if thing is None:
            raise unreadable(self.call, "it does not say what it is about", self.answer)
        return thing


class Caller:
    """Sends calls to one place through its contract's transport."""

    def __init__(self, transport: Transport, place: Place) -> None:
        self._transport = transport
        self.place = place

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Said:
        """Read. Raises CloudError."""
        answer = await self._transport.read(self.place, path, query)
        return Said(self._call("GET", path), answer)

    async def write(
        self, request: str, body: Mapping[str, Any] | None = None, *, done: frozenset[int], intent: Intent
    ) -> Said:
        """Send `request` ("POST /clusters") once; `done` are the statuses that mean it was accepted."""
        method, path = request.split(" ", 1)
        call = self._call(method, path, intent)
        return Said(call, await self._transport.write(call, body, allowed=done))

    async def list(
        self, path: str, kind: Kind[Wire, Thing], query: Mapping[str, str] | None = None
    ) -> Listing[Thing]:
        """Every page. Raises CloudError when not even the first could be read."""
        call = self._call("GET", path)

        async def fetch(offset: int) -> Entries[Wire]:
            page = {**(query or {}), "limit": str(PAGE_SIZE), "offset": str(offset)}
            answer = await self._transport.read(self.place, path, page)
            # Ten hosts may answer at once and a full page takes some 30 ms to parse: one page per turn of the
            # loop, so that whoever else is on it is kept waiting for one page and not for ten.
            async with self._transport.parsing:
                await asyncio.sleep(0)
                return read_page(kind.model, answer, call)

        return await read_list(kind, fetch, str(self.place))

    def _call(self, method: str, path: str, intent: Intent | None = None) -> Call:
        call = Call(place=self.place, method=method, path=path)
        if intent is not None:
            call = replace(call, secrets=intent.secrets, look=intent.look(self.place.api))
        # What is wrong with an answer is found out here, after the transport has let go of it.
        return self._transport.known(call)
