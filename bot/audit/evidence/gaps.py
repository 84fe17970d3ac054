"""Parts of a bundle that its audit rows do not prove, so that nobody relies on them."""

from collections.abc import Iterator
from dataclasses import dataclass

from .chain import is_keyed
from .course import OVER
from .decisions import DIGESTED, approvals, is_row_of
from .reading import OWN, Bundle, has_segment, own, person
from .replay import ReplayedChange, play

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
