"""Checks of the course of a change by its rows: none is missing, their order, states, times, and requests."""

import json
from collections.abc import Iterator
from typing import Any

from .reading import OWN, Bundle, Row, kept, own, same

OVER = {"done", "failed", "accepted but not in effect", "denied", "withdrawn", "expired", "replaced"}

GIVEN_BACK = ("turn given back", "approval taken back")
"""Outcomes after which the change may not be running."""


REOPENED = "reopened"
"""The outcome after which a change that had expired has not."""

_STARTS = frozenset({"proposed", "approved"})
_UNSENT = frozenset({"proposed", "approved", "running"})
_SENDING = frozenset({"running", "unknown"})
_SAME: frozenset[str] = frozenset()

_STEPS: dict[tuple[str, str], tuple[frozenset[str], frozenset[str]]] = {
    ("decision", "approved"): (frozenset({"proposed"}), _STARTS),
    ("decision", "confirmed"): (frozenset({"proposed"}), frozenset({"approved"})),
    ("decision", "break-glass"): (frozenset({"proposed"}), frozenset({"approved"})),
    ("decision", "approval taken back"): (_UNSENT, _UNSENT),
    ("decision", "denied"): (frozenset({"proposed"}), frozenset({"denied"})),
    ("decision", "withdrawn"): (_UNSENT, frozenset({"withdrawn"})),
    ("decision", "expired"): (frozenset({"proposed"}), frozenset({"expired"})),
    # It had expired by a wrong clock alone.
    ("decision", REOPENED): (frozenset({"expired"}), frozenset({"proposed"})),
    ("decision", "said to have run"): (frozenset({"unknown"}), frozenset({"running"})),
    # A person ends one whose outcome is unknown, or that is followed for longer than that can take.
    ("decision", "failed"): (_SENDING, frozenset({"failed"})),
    ("decision", "done"): (_SENDING, frozenset({"done"})),
    ("change", "running"): (frozenset({"approved"}), frozenset({"running"})),
    ("change", "turn given back"): (frozenset({"running"}), frozenset({"approved"})),
    ("change", "accepted"): (_SENDING, _SAME),
    ("change", "refused"): (_SENDING, _SAME),
    ("change", "answer lost"): (_SENDING, _SAME),
    **{
        ("change", each): (frozenset({"running"}), frozenset({each}))
        for each in ("done", "failed", "accepted but not in effect", "replaced", "unknown")
    },
    ("intent", "intended"): (frozenset({"running"}), _SAME),
}
"""By kind and outcome of a row: the states that it may follow, and those that it may lead to; `_SAME` changes
none. Rows of other outcomes, such as a review, may come at any time and change none."""


def states(bundle: Bundle) -> Iterator[str]:
    """Yield rows that the change's state before them does not allow, and a first row that is not a plan."""
    possible: frozenset[str] | None = None
    for row in own(bundle, *OWN):
        if (possible is None) != (row["kind"] == "plan"):
            yield f"audit row {row['seq']} ({row['kind']}) is not where it belongs: the plan comes first"
            return
        before, (allowed, leads) = possible, _step(row, possible)
        possible = _after(row, allowed if before is None else before & allowed, leads)
        if not possible:
            words = " or ".join(sorted(before or ())) or "nothing"
            yield f"audit row {row['seq']} ({row['outcome']}) cannot follow {words}"
            return


def _step(row: Row, possible: frozenset[str] | None) -> tuple[frozenset[str], frozenset[str]]:
    if possible is None:
        first = frozenset({row["outcome"]}) & _STARTS
        return first, first
    if row["kind"] == "alarm":
        return possible, possible | {"unknown"}
    return _STEPS.get((row["kind"], row["outcome"]), (possible, _SAME))


def _after(row: Row, possible: frozenset[str], leads: frozenset[str]) -> frozenset[str]:
    """Return the states that the change may be in after a row: one where the row says so, as those of
    earlier releases do not. Empty where the row cannot stand here."""
    stored = kept(row)
    said = stored.get("fields", stored.get("change", {})).get("state")
    if not possible or said is not None:
        return (leads if possible else _SAME) & {said}
    return possible if stored or not leads else leads


def outcome(bundle: Bundle) -> Iterator[str]:
    """Yield differences in the final state and its result."""
    change = bundle["change"]
    ends: list[Row] = []
    for row in own(bundle, "change", "decision"):
        ends = [] if row["outcome"] == REOPENED else [*ends, *([row] if row["outcome"] in OVER else ())]
    if bool(ends) != (change["state"] in OVER) or (ends and ends[-1]["outcome"] != change["state"]):
        yield f"the audit does not say that it is {change['state']}"
    elif ends and ends[-1]["detail"].rstrip(".") != change["result"].rstrip("."):
        yield "the audit says another result"


def times(bundle: Bundle) -> Iterator[str]:
    """Yield differences in the times of start and end."""
    change, ended = bundle["change"], None
    began: set[str | None] = {None}
    for row in own(bundle, "change", "decision"):
        if row["kind"] == "change" and row["outcome"] == "running":
            began = {row["at"]}
        elif row["outcome"] in GIVEN_BACK:
            began = {*began, None}
        elif row["outcome"] in OVER:
            ended = row["at"]
        elif row["outcome"] == REOPENED:
            ended = None
    if change["started_at"] not in began:
        yield "the audit has another time than its started_at"
    if change["ended_at"] != ended:
        yield "the audit has another time than its ended_at"


def broken_glass(bundle: Bundle) -> Iterator[str]:
    """Yield differences about break-glass and its review."""
    change, said = bundle["change"], own(bundle, "decision")
    broken = [row for row in said if row["outcome"] == "break-glass"]
    reviewed = any(row["outcome"] == "reviewed" for row in said)
    if bool(change["skipped"]) != bool(broken):
        yield "the audit says otherwise whether it went ahead without approval"
    elif broken and not change["skipped"].endswith(f": {broken[-1]['detail'].strip()}"):
        yield "the audit has another reason for going ahead without approval"
    if bool(change["reviewed_by"]) != reviewed:
        yield "the audit says otherwise whether somebody has reviewed it"


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
