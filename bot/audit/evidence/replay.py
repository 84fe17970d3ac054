"""Replay of the parts of a change stored with its rows, compared with the bundle."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .reading import OWN, Bundle, Row, canonical, kept, own, same

Found = tuple[int, Any]
"""Number of the last row that has a value, and the value."""


@dataclass(slots=True)
class ReplayedChange:
    """Result of a replay. `is_whole` unless an earlier release wrote the row of the plan: then only the
    parts that later rows stored are known."""

    is_whole: bool = False
    fields: dict[str, Found] = field(default_factory=dict)
    votes: dict[str, Found] = field(default_factory=dict)
    attempt: Found | None = None
    sums: dict[str, Found] = field(default_factory=dict)


def play(bundle: Bundle) -> ReplayedChange:
    """Replay all rows of the change, from the first to the last."""
    played = ReplayedChange()
    for row in own(bundle, *OWN):
        seq, found = row["seq"], kept(row)
        if row["kind"] == "plan":
            played.is_whole = {"change", "plan", "need"} <= found.keys()
            played.sums = {name: (seq, found[name]) for name in ("plan", "need") if name in found}
        for name, value in {**found.get("change", {}), **found.get("fields", {})}.items():
            played.fields[name] = (seq, value)
        if "vote" in found:
            played.votes[found["vote"]["voter"]] = (seq, found["vote"])
        if "unvote" in found:
            played.votes[found["unvote"]] = (seq, None)
        if "attempt" in found:
            played.attempt = (seq, found["attempt"])
    return played


def replay(bundle: Bundle) -> Iterator[str]:
    """Yield differences of plan, requirement, change, votes and attempt from the replay."""
    played = play(bundle)
    for name, (seq, sum_) in played.sums.items():
        if hashlib.sha256(canonical(bundle[name])).hexdigest() != sum_:
            yield f"its {name} is not the one whose SHA-256 audit row {seq} has"
    yield from _change(bundle["change"], played)
    yield from _votes(bundle["votes"], played)
    if played.attempt is not None and not same(bundle["attempt"], played.attempt[1]):
        yield f"its attempt is not the one that audit row {played.attempt[0]} has"


def _change(change: Row, played: ReplayedChange) -> Iterator[str]:
    for name, (seq, value) in played.fields.items():
        if not same(change[name], value):
            yield f"its {name} is not what audit row {seq} has: {value!r}"
    known = played.fields.keys() | (set() if played.is_whole else FIELDS)
    # A field that a later release added is empty in changes that earlier releases proposed.
    for name in sorted(each for each, value in change.items() if value and each not in known):
        yield f"no audit row has its {name}"


FIELDS = {
    *("id", "state", "requester", "reason", "policy", "proposed_at", "expires_at", "started_at", "ended_at"),
    *("result", "made", "replaces", "skipped", "reviewed_by"),
}
"""Fields of a change in the first release that made bundles."""

VOTE = {"voter", "name", "word", "roles", "digest", "at"}
"""Fields of a vote. One with a note has that as well, and its audit row holds the whole vote."""


def _votes(votes: list[Row], played: ReplayedChange) -> Iterator[str]:
    given = {vote["voter"]: vote for vote in votes}
    for voter, (seq, vote) in played.votes.items():
        if not same(given.get(voter), vote):
            yield f"the vote of {voter} is not what audit row {seq} has"
    if len(given) != len(votes):
        yield "it has two votes of one person"
    for vote in votes:
        is_held = vote["voter"] in played.votes
        if vote.keys() - ({"note"} if is_held else set()) != VOTE or (played.is_whole and not is_held):
            yield f"no audit row has the vote of {vote['name']}"
    if votes != sorted(votes, key=lambda vote: (vote["at"], vote["voter"])):
        yield "its votes are out of order"
