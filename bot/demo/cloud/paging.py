"""List answers: offsets, limits and links, as each API writes them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from bot.demo.cloud.call import ApiAnswer, ApiCall, need

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


def v1_list(
    call: ApiCall, name: str, found: Sequence[T], view: Callable[[T], Any], *, in_cluster: bool = False
) -> ApiAnswer:
    """Answer with a list of v1: clusters and backups misspell `_links` (notes, section 7) and have no `href`.

    `in_cluster`: a cluster's users or databases.
    """
    page, in_guide = page_of(call), call.cloud.switches.v1_guide_links
    links = links_of(call, name, page, found)
    answer = {
        "type": "collection",
        "id": name,
        "offset": page.offset,
        "limit": page.limit,
        "_links" if in_guide or in_cluster else "links": links,
        **({"href": f"{call.base}/{name}"} if in_cluster else {}),
    }
    return ApiAnswer(200, answer | {"items": [view(each) for each in cut(call, found, page)]})


def v2_list(call: ApiCall, name: str, found: Sequence[T], view: Callable[[T], Any]) -> ApiAnswer:
    """Answer with a list of v2, which may omit `items` if empty (notes, section 13.7)."""
    page = page_of(call)
    items = [view(each) for each in cut(call, found, page)]
    answer = {
        "id": name,
        "type": "collection",
        "href": f"{call.base}/{name}",
        "offset": page.offset,
        "limit": page.limit,
        "_links": links_of(call, name, page, found),
    }
    omits_items = not items and call.cloud.switches.v2_omits_empty_items
    return ApiAnswer(200, answer if omits_items else answer | {"items": items})


def links_of(call: ApiCall, name: str, page: ListSlice, found: Sequence[Any]) -> dict[str, str]:
    """Return the links of a page. That of v2 to the next may stay after the last page (notes, section 7)."""
    switches = call.cloud.switches
    others = urlencode({key: each for key, each in call.query.items() if key not in ("offset", "limit")})

    def link(offset: int) -> str:
        return f"{call.base}/{name}?{others}{'&' * bool(others)}offset={offset}&limit={page.limit}"

    links = {"self": link(page.offset)}
    if page.offset > 0:
        prev = "previous" if call.api == "v1" and switches.v1_guide_links else "prev"
        links[prev] = link(max(0, page.offset - page.limit))
    always = call.endless or (call.api == "v2" and switches.v2_next_after_last_page)
    if always or page.offset + page.limit < len(found):
        links["next"] = link(page.offset + page.limit)
    return links
