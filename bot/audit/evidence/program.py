"""The program: one sentence for a bundle that holds, one for the first thing that does not.

Exit codes: 0 everything holds, 1 something does not, 2 it could not be read, or needs the key to be checked.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from . import chain, course, decisions, reading
from .reading import Bundle, UnreadableBundle
from .replay import gaps, replay

Check = Callable[[Bundle], Iterator[str]]


CHECKS = (
    *(reading.form, decisions.digest, decisions.plan_row, decisions.votes, decisions.enough),
    *(course.links, course.order, course.states, course.outcome, course.times, course.broken_glass),
    *(course.requests, replay),
)
"""Checks of the change against its rows; they take the rows for genuine."""


def problems(bundle: Bundle, key: bytes | None = None, anchors: str | None = None) -> Iterator[str]:
    """Yield every problem in words; `anchors` is a text with anchors of the log.

    Raises UnreadableBundle for an unknown format.
    """
    if not isinstance(bundle, dict) or bundle.get("format") not in reading.FORMATS:
        raise UnreadableBundle(f"it is not of the format {reading.FORMATS[-1]}")
    anchored = [] if anchors is None else [chain.anchored(anchors, key)]
    yield from contradictions(bundle, (chain.hashes(key), *anchored, *CHECKS))


def contradictions(bundle: Bundle, checks: Sequence[Check] = CHECKS) -> Iterator[str]:
    """Yield what the checks find. Raises UnreadableBundle for a part that is missing or of another form."""
    try:
        for check in checks:
            yield from check(bundle)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise UnreadableBundle(f"a part of it is missing or of another form ({error!r})") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one file, print the result, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot.audit.evidence", description=__doc__)
    parser.add_argument("file", type=Path, help="what “change show ID --bundle” gave")
    parser.add_argument("--key", help="where the audit's key is, if it has one: env:NAME or file:PATH")
    parser.add_argument("--anchors", type=Path, help="a file of anchors, or messages copied from Slack")
    given = parser.parse_args(arguments)
    try:
        bundle = reading.read(given.file.read_bytes())
        anchors = given.anchors.read_text(encoding="utf-8", errors="replace") if given.anchors else None
        found = next(problems(bundle, _key(given.key), anchors), None)
        fails = [f"{given.file} does not hold: {found}."]
        lines = fails if found is not None else _holds(bundle, is_anchored=anchors is not None)
    except (OSError, UnreadableBundle) as error:
        _say(f"{given.file} could not be checked: {error}.")
        return 2
    _say(*lines)
    return 0 if found is None else 1


def _holds(bundle: Bundle, *, is_anchored: bool) -> list[str]:
    change, found = bundle["change"], bundle["audit"]["rows"]
    what = f"{change['id']} ({bundle['plan']['action']}), {change['state']}"
    rows_ = f"{len(found)} audit rows, {found[0]['seq']} to {found[-1]['seq']},"
    return [
        f"{what}: its {rows_} prove every word in it but for what is not covered.",
        *(f"Not covered: {each.words}." for each in gaps(bundle, is_anchored=is_anchored)),
    ]


def _key(reference: str | None) -> bytes | None:
    if reference is None:
        return None
    kind, _, name = reference.partition(":")
    if kind == "env" and name in os.environ:
        return os.environ[name].encode()
    if kind == "file":
        try:
            return Path(name).read_text(encoding="utf-8").strip().encode()
        except ValueError:
            raise UnreadableBundle("the key file is not text") from None
    raise UnreadableBundle("--key must be env:NAME of a variable that is set, or file:PATH")


def _say(*lines: str) -> None:
    """Print lines without control characters, since text from the file could steer the terminal."""
    shown = ("".join(each if each.isprintable() else repr(each)[1:-1] for each in line) for line in lines)
    sys.stdout.write("".join(f"{line}\n" for line in shown))
