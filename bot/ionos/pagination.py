"""Pagination that does not rely on the API's own links to the next page."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.domain.cluster import Gap, Listing
from bot.domain.errors import CloudError
from bot.domain.phrases import format_count, join_some
from bot.ionos.tolerant_models import Entries, ReadModel, TolerantAnswer

PAGE_SIZE = 1000
"""Maximum page size of both APIs (1..1000, default 100): ten times fewer calls than the default."""

BREATH = 25
"""Entries converted before the event loop runs other tasks: a full page takes some 50 ms."""

DEFAULT_PAGE = 100
"""Default page size of both APIs (notes section 3): a server that ignores `limit` may stop there."""

MAX_WALKS = 3
"""Times that a list is read whose pages move meanwhile."""

PAGE_CEILING = 100
"""More pages than any contract fills; an API that continues beyond them is faulty."""


Wire = TypeVar("Wire", bound=ReadModel)
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class EntryReader(Generic[Wire, Thing]):
    """Reads an entry (None: too incomplete to use), and gives the key that tells two apart.

    `stray` returns what an entry is about that the list was not asked for, such as another region; "" for
    nothing.
    """

    model: type[Wire]
    to_domain: Callable[[TolerantAnswer[Wire]], Thing | None]
    key: Callable[[Thing], str]
    stray: Callable[[Wire], str] = lambda _wire: ""


@dataclass(frozen=True, slots=True)
class ListedPage(Generic[Thing]):
    """One page: its readable entries, each with what it is about that the list was not asked for, its number
    of entries, and the server's page size."""

    things: tuple[tuple[Thing | None, str], ...]
    count: int
    per_page: int | None


async def convert_page(kind: EntryReader[Wire, Thing], entries: Entries[Wire]) -> ListedPage[Thing]:
    """Return a page in the domain's words; other tasks run in between."""
    things = list[tuple[Thing | None, str]]()
    for number, reading in enumerate(entries.readings):
        if number % BREATH == 0:
            await asyncio.sleep(0)
        things.append((kind.to_domain(reading), kind.stray(reading.value)))
    return ListedPage(tuple(things), entries.count, entries.per_page)


async def read_list(
    key: Callable[[Thing], str], fetch: Callable[[int], Awaitable[ListedPage[Thing]]], where: str
) -> Listing[Thing]:
    """Read pages by offset until one is certainly the last. Where the pages move meanwhile, begin again.

    A failure after the first page keeps what was read, with a gap, and so do pages that keep moving. Raises
    CloudError when not even the first page could be read.
    """
    for _ in range(MAX_WALKS):
        walk = _Walk(key, where)
        listing = await walk.through(fetch)
        if listing is not None:
            return listing
    return walk.ended("the list changed each time it was read; entries may be missing")


class _Walk(Generic[Thing]):
    """The state of one walk through a list: entries so far, and failures.

    Each page after the first begins at the last entry of the one before. Where that is another entry now, the
    pages have moved, and what lay between them was not read.
    """

    def __init__(self, key: Callable[[Thing], str], where: str) -> None:
        self._key = key
        self._where = where
        self._found: dict[str, Thing] = {}
        self._lost = 0
        self._strays: dict[str, str] = {}
        self._twice: set[str] = set()

    async def through(self, fetch: Callable[[int], Awaitable[ListedPage[Thing]]]) -> Listing[Thing] | None:
        """Return the listing; None where the pages moved. Its entries so far are in `ended`."""
        keys, offset, overlaps = list[str | None](), 0, False
        for _ in range(PAGE_CEILING):
            try:
                page = await fetch(offset)
            except CloudError as error:
                if offset == 0:
                    raise
                return self.ended(f"only the first {len(self._found)} could be read: {error.sentence}")
            known = self._count()
            before, keys = keys, self._take(page, overlaps=overlaps)
            has_moved = overlaps and keys[:1] != before[-1:]
            if has_moved and keys != before:
                return None
            is_end = page.count == overlaps
            if not is_end and self._count() == known:
                return self.ended("the same page was returned repeatedly; the rest is unknown")
            # Entries that are no objects have no key, so that nothing can be said of such a page's ends.
            overlaps = page.count > 1 and page.count == len(keys)
            offset += page.count - overlaps
            if is_end or not self._may_be_full(page):
                return self.ended()
        return self.ended(f"the list did not end after {PAGE_CEILING} pages")

    def _take(self, page: ListedPage[Thing], *, overlaps: bool) -> list[str | None]:
        """Keep the page's entries; return the key of each, None for one that cannot be read."""
        keys, seen = list[str | None](), set[str]()
        for thing, stray in page.things:
            key = self._key(thing) if thing is not None else None
            if thing is not None and key is not None:
                self._keep(key, thing, stray, is_again=key in seen)
                seen.add(key)
            keys.append(key)
        counted_before = overlaps and keys[:1] == [None]
        self._lost += page.count - len(keys) + keys.count(None) - counted_before
        return keys

    def _keep(self, key: str, thing: Thing, stray: str, *, is_again: bool) -> None:
        """Keep an entry, unless it is not of this list. `is_again` for one that its page has twice."""
        if stray:
            self._strays.setdefault(key, stray)
        elif is_again and key in self._found and self._found[key] != thing:
            self._twice.add(key)
        else:
            self._found.setdefault(key, thing)

    def _count(self) -> int:
        return len(self._found) + self._lost + len(self._strays)

    @staticmethod
    def _may_be_full(page: ListedPage[Thing]) -> bool:
        """Return whether more may follow. Only a page below every server's page size is certainly the last.

        `limit` can lower that size, not raise it: a server may echo the requested limit and return fewer.
        This costs one more call for a list whose last page has a hundred entries or more.
        """
        says = page.per_page
        return page.count >= min(says, DEFAULT_PAGE) if says and says > 0 else page.count >= DEFAULT_PAGE

    def ended(self, why: str | None = None) -> Listing[Thing]:
        reasons = [why] if why else []
        if self._lost:
            reasons.append(f"{self._lost} entries of the list could not be read")
        for about, count in Counter(self._strays.values()).items():
            entries = f"{format_count(count, 'entry')} of its list {'is' if count == 1 else 'are'}"
            reasons.append(f"{entries} about {about}; its own may be missing")
        if self._twice:
            names = join_some(sorted(self._twice), most=3)
            reasons.append(f"its list has different entries for {names}; only the first of each is shown")
        gaps = tuple(Gap(where=self._where, why=reason) for reason in reasons)
        return Listing(tuple(self._found.values()), gaps)
