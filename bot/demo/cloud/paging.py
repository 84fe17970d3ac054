"""Offsets, limits and links of list answers, as each API writes them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from bot.demo.cloud.call import ApiCall, need

_INTEGER = re.compile(r"-?[0-9]{1,10}", re.ASCII)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListSlice:
    """The requested part of a list."""

    offset: int
    limit: int


def whole_number(call: ApiCall, name: str, default: int, bounds: tuple[int, int]) -> int:
    """Return a query parameter as an integer within `bounds`. Raises ApiRefusal 422."""
    text = call.query.get(name)
    if text is None:
        return default
    low, high = bounds
    number = int(text) if _INTEGER.fullmatch(text) else None
    need(number is not None and low <= number <= high, f"{name} must be an integer from {low} to {high}")
    return number if number is not None else default


def page_of(call: ApiCall) -> ListSlice:
    """Return `offset` and `limit` of this call: by default 0 and 100, at most 1000 items."""
    return ListSlice(
        offset=whole_number(call, "offset", 0, (0, 2**31 - 1)),
        limit=whole_number(call, "limit", 100, (1, 1000)),
    )


def cut(call: ApiCall, items: Sequence[T], page: ListSlice) -> list[T]:
    """Return the items of the page. Under the fault `endless_pages` the list starts again at its end."""
    if call.endless and items:
        return [items[(page.offset + index) % len(items)] for index in range(page.limit)]
    return list(items[page.offset : page.offset + page.limit])


def v1_envelope(
    call: ApiCall, name: str, items: Sequence[Any], page: ListSlice, links_key: str
) -> dict[str, Any]:
    """Return a v1 list without its items: clusters and backups misspell `_links` (notes, section 7)."""
    in_guide = call.cloud.switches.v1_guide_links
    prev = "previous" if in_guide else "prev"
    has_more = call.endless or page.offset + page.limit < len(items)
    return {
        "type": "collection",
        "id": name,
        "offset": page.offset,
        "limit": page.limit,
        "_links" if in_guide else links_key: links_of(call, name, page, has_more=has_more, prev=prev),
    }


def v2_envelope(call: ApiCall, name: str, items: Sequence[Any], page: ListSlice) -> dict[str, Any]:
    """Return a v2 list without its items. `next` may stay after the last page (notes, section 7)."""
    has_more = call.endless or page.offset + page.limit < len(items)
    always = call.cloud.switches.v2_next_after_last_page
    return {
        "id": name,
        "type": "collection",
        "href": f"{call.base}/{name}",
        "offset": page.offset,
        "limit": page.limit,
        "_links": links_of(call, name, page, has_more=has_more or always),
    }


def links_of(
    call: ApiCall, name: str, page: ListSlice, *, has_more: bool, prev: str = "prev"
) -> dict[str, str]:
    """Return the links of a page; that to the one before is called `prev`."""
    others = urlencode({key: each for key, each in call.query.items() if key not in ("offset", "limit")})

    def link(offset: int) -> str:
        return f"{call.base}/{name}?{others}{'&' * bool(others)}offset={offset}&limit={page.limit}"

    links = {"self": link(page.offset)}
    if page.offset > 0:
        links[prev] = link(max(0, page.offset - page.limit))
    if has_more:
        links["next"] = link(page.offset + page.limit)
    return links
