"""Checks of a bundle's place in the hash chain: its rows' hashes, the segment that ties them, and anchors."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from .reading import Bundle, Row, UnreadableBundle, canonical, has_segment

KEYED = "hmac:"
LINKED = "v2:"
LATER = frozenset({"cluster", "change", "roles", "rule", "policy", "digest", "kept", "code"})
"""Columns of later releases: an empty one is not part of a row's hash."""

ANCHOR = re.compile(r"pgbot-audit\s+seq=([0-9]{1,15})\s+hash=((?:hmac:)?(?:v2:)?[0-9a-f]{64})")

ChainCheck = Callable[[Bundle], Iterator[str]]


def hashes(key: bytes | None) -> ChainCheck:
    """Return the check that no row was altered or moved, and that all are of one log."""

    def check(bundle: Bundle) -> Iterator[str]:
        rows = bundle["audit"]["rows"]
        if not rows:
            yield "it has no audit rows"
            return
        modes = {is_keyed(row) for row in rows}
        if len(modes) > 1:
            yield "it has rows with a keyed hash and rows without: nothing proves that they are of one log"
        elif key is not None and modes != {True}:
            yield "its audit rows were not written with the key that was given"
        for row in rows:
            if hash_of(row, key) != row["hash"]:
                yield f"audit row {row['seq']} was changed: its content does not match its hash"
        yield from _tied(bundle, key) if has_segment(bundle) else _followed(bundle)

    return check


def anchored(text: str, key: bytes | None) -> ChainCheck:
    """Return the check that the chain of a bundle has an anchor of this text, and contradicts none."""

    def check(bundle: Bundle) -> Iterator[str]:
        chain = dict(_chain(bundle, key)) if has_segment(bundle) else {}
        chain |= {row["seq"]: row["hash"] for row in bundle["audit"]["rows"]}
        met = [(int(seq), hash_) for seq, hash_ in ANCHOR.findall(text) if int(seq) in chain]
        if not met:
            yield f"none of the anchors is of its rows {min(chain)} to {max(chain)}"
        yield from (f"row {seq} is anchored with another hash" for seq, hash_ in met if chain[seq] != hash_)

    return check


def _tied(bundle: Bundle, key: bytes | None) -> Iterator[str]:
    """Yield the first place where the chain from the first row to the head is not closed."""
    head, rows = bundle["audit"]["head"], bundle["audit"]["rows"]
    late = next((other["seq"] for one, other in pairwise(rows) if one["seq"] >= other["seq"]), None)
    chain = dict(_chain(bundle, key))
    last = max(chain)
    numbers = [*(row["seq"] for row in rows), *(seq for seq, _ in bundle["audit"]["links"])]
    if late is not None:
        yield f"audit row {late} is out of order"
    elif not all(chain.values()):
        yield f"audit row {last} does not follow from the one before"
    elif head["seq"] < rows[-1]["seq"] or (last == head["seq"] and chain[last] != head["hash"]):
        yield "the head of the audit does not match its rows"
    elif last != head["seq"]:
        yield f"audit row {last + 1} is missing, so nothing ties the rows before it to those after it"
    elif sorted(numbers) != sorted(chain):
        yield "its audit rows and the links between them are not each there once"


def _chain(bundle: Bundle, key: bytes | None) -> Iterator[tuple[int, str]]:
    """Yield number and hash of each row of the segment, shown or not, up to the first that is missing or
    does not follow; that one has an empty hash."""
    audit = bundle["audit"]
    rows, links = {row["seq"]: row for row in audit["rows"]}, dict(audit["links"])
    seq, before = audit["rows"][0]["seq"], audit["rows"][0]["prev"]
    mode = key if is_keyed(audit["rows"][0]) else None
    while seq <= max(audit["head"]["seq"], audit["rows"][0]["seq"]):
        if seq in rows:
            hash_ = rows[seq]["hash"] if rows[seq]["prev"] == before else ""
        elif seq in links:
            hash_ = _hash({"content": str(links[seq]), "prev": before, "seq": seq}, mode, LINKED)
        else:
            return
        yield seq, hash_
        if not hash_:
            return
        seq, before = seq + 1, hash_


def _followed(bundle: Bundle) -> Iterator[str]:
    """Yield what contradicts the chain in a bundle of an earlier release, which has only a part of it."""
    rows, head = bundle["audit"]["rows"], bundle["audit"]["head"]
    for before, row in pairwise(rows):
        if row["seq"] <= before["seq"]:
            yield f"audit row {row['seq']} is out of order"
        if row["seq"] == before["seq"] + 1 and row["prev"] != before["hash"]:
            yield f"audit row {row['seq']} does not follow from the one before"
    last = rows[-1]
    if head["seq"] < last["seq"] or (head["seq"] == last["seq"] and head["hash"] != last["hash"]):
        yield "the head of the audit does not match its rows"


def is_keyed(row: Row) -> bool:
    """Return whether the row's hash was made with a key."""
    return str(row["hash"]).startswith(KEYED)


def hash_of(row: Row, key: bytes | None) -> str:
    """Return the row's SHA-256 or HMAC-SHA-256, as it has. Raises UnreadableBundle without the key."""
    stated = {
        name: value
        for name, value in row.items()
        if name not in ("seq", "prev", "hash") and (value is not None or name not in LATER)
    }
    place = {"seq": row["seq"], "prev": row["prev"]}
    if is_keyed(row) and key is None:
        raise UnreadableBundle("its audit rows were written with a key: give it with --key")
    mode = key if is_keyed(row) else None
    if str(row["hash"]).removeprefix(KEYED).startswith(LINKED):
        return _hash({"content": hashlib.sha256(canonical(stated)).hexdigest(), **place}, mode, LINKED)
    return _hash({**stated, **place}, mode, "")


def _hash(parts: Mapping[str, Any], key: bytes | None, form: str) -> str:
    if key is None:
        return form + hashlib.sha256(canonical(parts)).hexdigest()
    return KEYED + form + hmac.digest(key, canonical(parts), "sha256").hex()
