"""The base of both generations' clients: one API of one contract, one call at a time."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from bot.domain.cluster import Listing
from bot.ionos.cluster_lookup import quote_name
from bot.ionos.endpoint import Endpoint, quote_segment
from bot.ionos.http_errors import HttpAnswer, HttpCall, unreadable_error
from bot.ionos.pagination import PAGE_SIZE, EntryReader, ListedPage, convert_page, read_list
from bot.ionos.tolerant_models import ReadModel, read_answer, read_page
from bot.ionos.transport import Transport

Wire = TypeVar("Wire", bound=ReadModel)
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class WriteIntent:
    """A write: signs that it happened, the id or name of its subject, and the secrets that it carries.

    Neither API lists its requests, so the signs are inferences (notes 4 to 6 and 9).
    """

    signs: str
    about: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def look(self) -> str:
        """The next step for the reader when the outcome is unknown."""
        question = self.signs.format(about=quote_name(self.about))
        return f"Do not send it again before you have checked: {question}"


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """An answer, and the call that it answers."""

    call: HttpCall
    answer: HttpAnswer

    def read(
        self, kind: EntryReader[Wire, Thing], asked: Callable[[Thing], bool] = lambda _thing: True
    ) -> Thing:
        """Return the answer's resource. Raises UnreadableAnswer (a write: OutcomeUnknown) without one, and
        where it is not the one `asked` for."""
        reading = read_answer(kind.model, self.answer, self.call)
        self.require_region(getattr(reading.value, "href", None))
        thing = kind.to_domain(reading)
        if thing is None:
            raise unreadable_error(self.call, "it does not say what it is about", self.answer)
        if not asked(thing):
            raise unreadable_error(self.call, "it is about something else than asked for", self.answer)
        return thing

    def require_region(self, href: str | None) -> None:
        """Raise UnreadableAnswer where the address of what was read is one of another region."""
        other = "" if self.call.is_write else self.call.place.find_other_region(hrefs=[href])
        if other:
            raise unreadable_error(self.call, f"it is the answer of {other}", self.answer)


class BaseClient:
    """Sends calls to one endpoint through its contract's transport."""

    def __init__(self, transport: Transport, place: Endpoint) -> None:
        self._transport = transport
        self.place = place
        self._pages: dict[str, tuple[bytes, ListedPage[Any]]] = {}

    async def delete_cluster(self, cluster_id: str) -> None:
        """Begin to delete. The cluster is DESTROYING and then answers 404."""
        intent = WriteIntent("is cluster {about} still listed, and is it DESTROYING?", cluster_id)
        done = frozenset({200, 202, 204})
        await self._write(f"DELETE /clusters/{quote_segment(cluster_id)}", done=done, intent=intent)

    async def _get(self, path: str, query: Mapping[str, str] | None = None) -> AnsweredCall:
        """Send a GET. Raises CloudError."""
        answer = await self._transport.read(self.place, path, query)
        return AnsweredCall(self._call("GET", path), answer)

    async def _write(
        self,
        request: str,
        body: Mapping[str, Any] | None = None,
        *,
        done: frozenset[int],
        intent: WriteIntent,
    ) -> AnsweredCall:
        """Send `request` ("POST /clusters") once; `done` are the statuses that mean it was accepted."""
        method, path = request.split(" ", 1)
        call = self._call(method, path, intent)
        return AnsweredCall(call, await self._transport.write(call, body, allowed=done))

    async def _list(
        self,
        path: str,
        kind: EntryReader[Wire, Thing],
        query: Mapping[str, str] | None = None,
        *,
        keep: bool = False,
    ) -> Listing[Thing]:
        """Read every page of a list. Raises CloudError when not even the first could be read.

        With `keep`, a page that comes again byte for byte is not parsed again: a fleet of thousands changes
        little from one listing to the next.
        """
        call = self._call("GET", path)

        async def fetch(offset: int) -> ListedPage[Thing]:
            page = {**(query or {}), "limit": str(PAGE_SIZE), "offset": str(offset)}
            answer = await self._transport.read(self.place, path, page)
            # Ten hosts may answer at once and a full page takes some 30 ms to parse: one page per turn of the
            # loop, so that other tasks wait for one page and not for ten.
            async with self._transport.parsing:
                await asyncio.sleep(0)
                digest, key = hashlib.sha256(answer.body).digest(), f"{path} {offset}"
                known, kept = self._pages.get(key, (b"", None))
                if kept is not None and known == digest:
                    return kept
                entries = read_page(kind.model, answer, call)
                AnsweredCall(call, answer).require_region(entries.href)
            found = await convert_page(kind, entries)
            if keep:
                self._pages[key] = digest, found
            return found

        return await read_list(kind.key, fetch, str(self.place))

    def _call(self, method: str, path: str, intent: WriteIntent | None = None) -> HttpCall:
        call = HttpCall(place=self.place, method=method, path=path)
        if intent is not None:
            call = replace(call, secrets=intent.secrets, look=intent.look)
        # Parsed here, after the transport has released its slot.
        return self._transport.known(call)
