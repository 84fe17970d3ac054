"""What verifying found, in words and for machines."""

from typing import Any

from bot.audit.verify import ChainVerdict


def facts(verdict: ChainVerdict) -> dict[str, Any]:
    """For machines."""
    return {
        "whole": verdict.bad is None,
        "first_bad_row": verdict.bad.seq if verdict.bad else None,
        "why": verdict.bad.why if verdict.bad else None,
        "rows": verdict.rows,
        "first": verdict.first,
        "last": verdict.last,
        "head": verdict.head,
        "keyed_from": verdict.keyed_from,
        "anchors_that_fit": verdict.anchored,
        "anchors_of_other_files": verdict.unchecked,
        "without_triggers": [str(path) for path in verdict.opened_up],
    }


def words(verdict: ChainVerdict) -> str:
    """For people: what holds, and what was not proved."""
    if verdict.bad is not None:
        lines = [f"BROKEN: {verdict.bad}.", f"The {verdict.rows:,} rows before it follow from each other."]
    elif not verdict.rows:
        lines = ["Whole: the log is empty."]
    else:
        lines = [
            f"Whole: {verdict.rows:,} rows, from {verdict.first} to {verdict.last}.",
            f"Last hash: {verdict.head}",
        ]
    return "\n".join([*lines, *_remarks(verdict)])


def _remarks(verdict: ChainVerdict) -> list[str]:
    found = []
    if verdict.anchored:
        found.append(f"Anchors that fit: {verdict.anchored:,}.")
    elif verdict.bad is None:
        found.append("No anchor was checked, so rows that are missing at the end would not be noticed.")
    if verdict.unchecked:
        found.append(f"Anchors of rows in other files, not checked: {verdict.unchecked:,}.")
    if verdict.first > 1:
        found.append(f"Rows before {verdict.first} are in an older file, which the first row's hash names.")
    if verdict.bad is None and verdict.rows and verdict.keyed_from is None:
        found.append("No key is used: whoever can write the file could have made all of it anew.")
    if verdict.keyed_from is not None:
        found.append(f"Keyed from row {verdict.keyed_from} on.")
    found += [
        f"{path} has lost its append-only triggers: somebody opened it up." for path in verdict.opened_up
    ]
    return found
