"""A bundle as read: its form, its rows, and the persons in them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

FORMATS = ("pgbot-evidence-1", "pgbot-evidence-2", "pgbot-evidence-3")
"""The first has no rows with `kept`, the part of the change that was stored with them; the first two do not
have the chain between their rows."""

PARTS = {"format", "change", "plan", "digest", "need", "votes", "attempt", "timeline", "requests", "audit"}

REQUESTER = {"id", "name", "team", "origin", "channel", "time_zone"}

COLUMNS = {
    *("seq", "at", "kind", "trace", "team", "actor", "channel", "command", "text", "outcome", "detail"),
    *("requests", "milliseconds", "prev", "hash", "cluster", "change", "roles", "rule", "policy", "digest"),
    *("kept", "code"),
}

OWN = ("plan", "decision", "change", "intent", "alarm")
"""Kinds of the rows of a change's own steps."""

Row = Mapping[str, Any]
Bundle = Mapping[str, Any]


def has_segment(bundle: Bundle) -> bool:
    """Return whether the bundle has the chain from its first row to its head."""
    return bool(bundle.get("format") == FORMATS[-1])


class UnreadableBundle(Exception):
    """The file is not a bundle, or cannot be checked."""


def read(content: bytes) -> Any:
    """Parse the JSON. Raises UnreadableBundle for repeated names, which parsers read differently."""
    try:
        return json.loads(content, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise UnreadableBundle(f"it is not JSON ({error})") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UnreadableBundle(f"it has {twice!r} twice in one place")
    return dict(pairs)


# One encoder for all: json.dumps would make a new one for every value.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> bytes:
    """Return JSON with sorted keys and no blanks, in UTF-8."""
    return _ENCODER.encode(value).encode()


def same(one: Any, other: Any) -> bool:
    """Return whether both are the same JSON, in which true is not 1."""
    return canonical(one) == canonical(other)


def own(bundle: Bundle, *kinds: str) -> list[Row]:
    """Return the rows of these kinds that belong to the change itself."""
    change_id = bundle["change"]["id"]
    return [
        row
        for row in bundle["audit"]["rows"]
        if row["kind"] in kinds and (row["change"] or row["trace"]) == change_id
    ]


def kept(row: Row) -> dict[str, Any]:
    """Return the part of the change stored with a row; empty for rows of earlier releases."""
    found = json.loads(row.get("kept") or "{}")
    if not isinstance(found, dict):
        raise UnreadableBundle(f"what audit row {row['seq']} has kept is of another form")
    return found


def person(row: Row) -> str:
    """Return the Slack user id of the actor; empty when the row has none."""
    actor = str(row["actor"])
    if actor.startswith("slack:"):
        return actor.removeprefix("slack:")
    return actor.partition(" as slack:")[2] if actor.startswith("os:") else ""


def form(bundle: Bundle) -> Iterator[str]:
    """Yield unknown parts and columns; a missing part is found by the other checks."""
    parts = {*bundle, *(f"audit {each}" for each in bundle["audit"])}
    chain = {"audit rows", "audit head", *(["audit links"] if has_segment(bundle) else [])}
    for name in sorted(parts - PARTS - chain):
        yield f"it has a part that no bundle has: {name!r}"
    if bundle["change"]["requester"].keys() != REQUESTER:
        yield "its requester has other parts than in any bundle"
    columns = [row.keys() for row in bundle["audit"]["rows"]]
    if not all(each == columns[0] for each in columns) or not all(
        each | {"kept", "code"} == COLUMNS for each in columns[:1]
    ):
        yield "its audit rows do not have the columns of the log"
