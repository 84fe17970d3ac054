"""Checks of the rows of a change: that none is missing, their order, and the requests that were sent."""

import json
from collections.abc import Iterator
from typing import Any

from .reading import OWN, Bundle, Row, kept, own, same


def links(bundle: Bundle) -> Iterator[str]:
    """Yield rows of the change that are missing: each names the one before."""
    before: Row | None = None
    for row in own(bundle, *OWN):
        found = kept(row)
        if "after" in found and (before is None or found["after"] != before["seq"]):
            yield f"audit row {found['after']}, which row {row['seq']} comes after, is missing"
        before = row


def order(bundle: Bundle) -> Iterator[str]:
    """Yield rows that are out of the order plan, decisions, intent, request; each request has an intent."""
    intents = [row["seq"] for row in own(bundle, "intent")]
    requests = [row["seq"] for row in own(bundle, "request")]
    for number, seq in enumerate(requests):
        if number >= len(intents) or intents[number] > seq:
            yield f"the request of audit row {seq} was sent without an intent before it"
    if not bundle["plan"].get("throwaway") and len(requests) > 1:
        yield f"{len(requests)} requests were sent"
    if bool(intents) != (bundle["attempt"] is not None):
        yield "an intent is recorded, and no attempt" if intents else "it has an attempt without an intent"
    first = min(intents, default=None)
    for row in [*own(bundle, "plan"), *own(bundle, "decision")]:
        if first is not None and row["seq"] > first and row["outcome"] not in AFTERWARDS:
            yield f"audit row {row['seq']} ({row['outcome']}) comes after the intent"


AFTERWARDS = ("reviewed", "said to have run", "failed", "done")
"""Outcomes that people may record after a request was sent."""


def requests(bundle: Bundle) -> Iterator[str]:
    """Yield requests that differ from the rows, or lack the row from before they were sent."""
    told = [
        {"row": row["seq"], **request}
        for row in bundle["audit"]["rows"]
        for request in json.loads(row["requests"])
    ]
    if not same(told, bundle["requests"]):
        yield "its API requests are not those of the audit rows"
    announced = [(row["seq"], *row["text"].split()[:2]) for row in own(bundle, "request")]
    for row in own(bundle, "change"):
        for request in json.loads(row["requests"]):
            if request["method"] == "GET":
                continue
            found = next((each for each in announced if _is_of(each, row, request)), None)
            if found is None:
                yield f"the {request['method']} of audit row {row['seq']} has no row from before it left"
            else:
                announced.remove(found)


def _is_of(announced: tuple[Any, ...], row: Row, request: Row) -> bool:
    seq, method, path = announced
    return bool(seq < row["seq"] and method == request["method"] and str(request["url"]).endswith(path))
