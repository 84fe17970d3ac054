"""Replay of the parts of a change stored with its rows, compared with the bundle; and what no row proves."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .chain import is_keyed
from .course import OVER
from .decisions import DIGESTED, approvals, is_row_of
from .reading import OWN, Bundle, Row, canonical, has_segment, kept, own, person, same

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


Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class UncoveredPart:
    """Parts of the bundle, including everything below them, and a description with the reason."""

    words: str
    paths: tuple[Path, ...]


def gaps(bundle: Bundle, *, is_anchored: bool = False) -> list[UncoveredPart]:
    """Return the uncovered parts of a bundle without problems; `is_anchored` where it was compared with
    anchors."""
    played = play(bundle)
    found = [*_always(bundle, is_anchored=is_anchored), *_untied(bundle)]
    found += [] if played.is_whole else _earlier(bundle, played)
    return [each for each in found if each.paths]


def _untied(bundle: Bundle) -> Iterator[UncoveredPart]:
    """Yield the rows before the last gap in the numbers, in a bundle without the chain between its rows."""
    rows = bundle["audit"]["rows"]
    gap = [at for at in range(1, len(rows)) if rows[at]["seq"] != rows[at - 1]["seq"] + 1]
    if has_segment(bundle) or not gap:
        return
    before = f"the audit rows up to {rows[gap[-1] - 1]['seq']}"
    if is_keyed(rows[0]):
        words = f"that no row is missing between {before}: the key proves each row only by itself"
        yield UncoveredPart(words, (("audit", "head"),))
    else:
        words = f"{before}: without the rows between, nothing ties them to those after, and anybody can hash"
        yield UncoveredPart(words, tuple(("audit", "rows", at) for at in range(gap[-1])))


def _always(bundle: Bundle, *, is_anchored: bool) -> Iterator[UncoveredPart]:
    yield UncoveredPart("lines of the timeline without an audit row", (("timeline",),))
    if not is_anchored:
        words = (
            "that the rows and the head are those of the log, which “pgbot audit verify” and its anchors tell"
        )
        yield UncoveredPart(words, (("audit", "head"),))
    rows = bundle["audit"]["rows"]
    linked = {row["seq"] for row in own(bundle, *OWN, "request")}
    others = tuple(("audit", "rows", at) for at, row in enumerate(rows) if row["seq"] not in linked)
    words = "that the log has no further rows about it beside those of its life, which “audit story” shows"
    yield UncoveredPart(words, others)


def _earlier(bundle: Bundle, played: ReplayedChange) -> Iterator[UncoveredPart]:
    """Yield the parts that rows of an earlier release did not hold."""
    why = "because an earlier release wrote the row of its plan"
    shown = tuple(("plan", name) for name in bundle["plan"] if name not in (*DIGESTED, "action"))
    yield UncoveredPart(
        f"what the plan says beside its digest (harm, effects, warnings, notes), {why}", shown
    )
    need = tuple(("need", name) for name in bundle["need"] if name not in _in_words(bundle))
    yield UncoveredPart(f"what it needed beside its seats (own vote, break glass, freezes), {why}", need)
    change = (*_loose(bundle, played), *(("change", "requester", name) for name in ("name", "time_zone")))
    yield UncoveredPart(
        f"what the change says besides request, times and end (who by name, expiry, what it made), {why}",
        change,
    )
    votes = bundle["votes"]
    names = tuple(("votes", at, "name") for at, vote in enumerate(votes) if vote["voter"] not in played.votes)
    yield UncoveredPart(f"the names of those who voted, {why}", names)
    yield UncoveredPart(
        "which Slack person somebody at the terminal is, whose row does not say so", _nameless(bundle, played)
    )
    if bundle["attempt"] and played.attempt is None:
        yield UncoveredPart(f"the attempt's time and what there was before it, {why}", (("attempt",),))


def _in_words(bundle: Bundle) -> tuple[str, ...]:
    return ("kind", "rule", *(("roles",) if approvals(bundle["need"]) else ()))


def _loose(bundle: Bundle, played: ReplayedChange) -> list[Path]:
    """Return the fields of the change that no row has."""
    names = ["expires_at", "replaces", "made", "skipped", "reviewed_by"]
    names += [] if bundle["change"]["state"] in OVER else ["state", "result"]
    return [("change", name) for name in names if name not in played.fields]


def _nameless(bundle: Bundle, played: ReplayedChange) -> tuple[Path, ...]:
    rows = own(bundle, "decision")
    found: list[Path] = [
        ("votes", at, "voter")
        for at, vote in enumerate(bundle["votes"])
        if vote["voter"] not in played.votes and not any(person(row) for row in rows if is_row_of(row, vote))
    ]
    is_said = any(person(row) for row in own(bundle, "plan"))
    return (*found, *(() if is_said else (("change", "requester", "id"),)))
