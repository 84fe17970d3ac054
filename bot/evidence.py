"""Checks an evidence bundle of a change off-line: `python -m bot.evidence FILE [--key env:NAME|file:PATH]`.

It imports nothing of the bot, so that what it says does not rest on the code that made the bundle. Exit
codes: 0 everything holds, 1 something does not, 2 it could not be read or, without the key, not be checked.
"""

import argparse
import hashlib
import hmac
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FORMAT = "pgbot-evidence-1"
KEYED = "hmac:"
LATER = frozenset({"cluster", "change", "roles", "rule", "policy", "digest"})
"""Columns that count in a row's hash only where they hold something."""

DIGESTED = ("command", "arguments", "target", "order", "observed")
SAID = {"approve": "approved", "deny": "denied", "confirm": "confirmed", "break glass": "break-glass"}
"""What a vote is called in the audit."""

OVER = {"done", "failed", "accepted but not in effect", "denied", "withdrawn", "expired", "replaced"}
ALLOWED = ("approved", "confirmed", "break-glass")

Row = Mapping[str, Any]
Bundle = Mapping[str, Any]


class Unreadable(Exception):
    """The file is no bundle, or cannot be checked."""


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no blanks, in UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def problems(bundle: Bundle, key: bytes | None = None) -> list[str]:
    """Everything that does not hold, in words. Raises Unreadable for what is no bundle of this format."""
    if not isinstance(bundle, dict) or bundle.get("format") != FORMAT:
        raise Unreadable(f"it is not of the format {FORMAT}")
    checks = (_digest, _hashes(key), _plan_row, _votes, _need, _order, _outcome, _requests)
    try:
        return [problem for check in checks for problem in check(bundle)]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise Unreadable(f"a part of it is missing or of another form ({error!r})") from error


# The digest: what was decided on is what was kept, and what ran


def _digest(bundle: Bundle) -> Iterator[str]:
    substance = {name: bundle["plan"][name] for name in DIGESTED}
    if hashlib.sha256(canonical(substance)).hexdigest() != bundle["digest"]:
        yield "the digest is not that of the plan"
    for row in _rows(bundle, "plan", "intent"):
        if row["digest"] != bundle["digest"]:
            yield f"audit row {row['seq']} has another digest"


# The audit rows


def _hashes(key: bytes | None) -> Any:
    def check(bundle: Bundle) -> Iterator[str]:
        before: Row | None = None
        for row in bundle["audit"]["rows"]:
            if _hash(row, key) != row["hash"]:
                yield f"audit row {row['seq']} was changed: its content does not fit its hash"
            if before is not None and row["seq"] <= before["seq"]:
                yield f"audit row {row['seq']} is out of order"
            if before is not None and row["seq"] == before["seq"] + 1 and row["prev"] != before["hash"]:
                yield f"audit row {row['seq']} does not follow from the one before"
            before = row
        head = bundle["audit"]["head"]
        if before is not None and (head["seq"] < before["seq"] or _is_another(head, before)):
            yield "the head of the audit does not fit its rows"

    return check


def _is_another(head: Row, row: Row) -> bool:
    return bool(head["seq"] == row["seq"] and head["hash"] != row["hash"])


def _hash(row: Row, key: bytes | None) -> str:
    content = {
        name: value
        for name, value in row.items()
        if name != "hash" and (value is not None or name not in LATER)
    }
    if not str(row["hash"]).startswith(KEYED):
        return hashlib.sha256(canonical(content)).hexdigest()
    if key is None:
        raise Unreadable("its audit rows were written with a key: give it with --key")
    return KEYED + hmac.digest(key, canonical(content), "sha256").hex()


def _rows(bundle: Bundle, *kinds: str) -> list[Row]:
    """The rows of these kinds that belong to the change itself."""
    change_id = bundle["change"]["id"]
    return [
        row
        for row in bundle["audit"]["rows"]
        if row["kind"] in kinds and (row["change"] or row["trace"]) == change_id
    ]


def _plan_row(bundle: Bundle) -> Iterator[str]:
    """What was asked for, why, and what it needed, as the audit has it from the first moment on."""
    rows, change, need = _rows(bundle, "plan"), bundle["change"], bundle["need"]
    if len(rows) != 1:
        yield f"the audit has {len(rows)} rows of its plan, not one"
        return
    row = rows[0]
    wanted = {
        "text": bundle["plan"]["action"],
        "command": bundle["plan"]["command"],
        "detail": change["reason"],
        "policy": change["policy"],
        "at": change["proposed_at"],
        "rule": f"{need['rule']}: needs {need_words(need)}",
    }
    for name, value in wanted.items():
        if (row[name] or "") != value:
            yield f"the audit row of its plan has another {name}: {row[name]!r}"


# The decisions


def _votes(bundle: Bundle) -> Iterator[str]:
    """Every vote has its row, and every row its vote, unless it was taken back."""
    decisions = _rows(bundle, "decision")
    for vote in bundle["votes"]:
        matching = [row for row in decisions if _is_row_of(row, vote)]
        if not matching:
            yield f"the audit has no row of what {vote['name']} said ({vote['word']})"
        elif not set(vote["roles"]) <= set((matching[0]["roles"] or "").split()):
            yield f"{vote['name']} did not have the roles {', '.join(vote['roles'])}"
    for row in decisions:
        later = [each for each in decisions if each["seq"] > row["seq"] and each["actor"] == row["actor"]]
        is_kept = not any(each["outcome"] in ("approval taken back", *ALLOWED) for each in later)
        if row["outcome"] in ALLOWED and is_kept and not any(_is_row_of(row, v) for v in bundle["votes"]):
            yield f"the vote of audit row {row['seq']} is missing"


def _is_row_of(row: Row, vote: Row) -> bool:
    return bool(row["outcome"] == SAID[vote["word"]] and row["at"] == vote["at"])


def _need(bundle: Bundle) -> Iterator[str]:
    """If anything was sent, enough of the right people had agreed to this very digest."""
    if not _rows(bundle, "intent"):
        return
    need, votes = bundle["need"], bundle["votes"]
    requester, digest = bundle["change"]["requester"]["id"], bundle["digest"]
    if need["kind"] in ("confirm", "type the name"):
        if not any(v["word"] == "confirm" and v["voter"] == requester for v in votes):
            yield "it was sent without the requester's confirmation"
        return
    if need["kind"] != "approval":
        return
    if bundle["change"]["skipped"]:
        if not any(v["word"] == "break glass" and set(v["roles"]) & set(need["break_glass"]) for v in votes):
            yield "it went ahead without approval, and nobody who may do so did"
        return
    own = need["own_vote"] and bundle["plan"]["harm"] != "destructive"
    counted = [
        set(vote["roles"])
        for vote in votes
        if vote["word"] == "approve" and vote["digest"] == digest and (own or vote["voter"] != requester)
    ]
    if not satisfied(need["roles"], counted):
        yield f"it was sent without {need_words(need)}"


def satisfied(needed: Mapping[str, int], voters: Sequence[set[str]]) -> bool:
    """Whether the seats can all be filled, nobody sitting on two: every way of filling them is tried."""
    seats = [role for role, count in needed.items() for _ in range(count)]

    def fill(seat: int, left: tuple[set[str], ...]) -> bool:
        if seat == len(seats):
            return True
        return any(
            seats[seat] in roles and fill(seat + 1, left[:index] + left[index + 1 :])
            for index, roles in enumerate(left)
        )

    return fill(0, tuple(voters))


def need_words(need: Row) -> str:
    """As the audit says it."""
    if need["kind"] == "approval":
        return "approval by " + " and ".join(f"{count} {role}" for role, count in need["roles"].items())
    words = {"none": "nothing", "confirm": "a confirmation", "type the name": "the cluster's name, typed"}
    return words[need["kind"]]


# The order of things


def _order(bundle: Bundle) -> Iterator[str]:
    """Plan, decisions, intent, request: in this order, and no request without an intent of its own."""
    intents = [row["seq"] for row in _rows(bundle, "intent")]
    requests = [row["seq"] for row in _rows(bundle, "request")]
    for number, seq in enumerate(requests):
        if number >= len(intents) or intents[number] > seq:
            yield f"the request of audit row {seq} was sent without an intent before it"
    if not bundle["plan"].get("throwaway") and len(requests) > 1:
        yield f"{len(requests)} requests were sent"
    if intents and bundle["attempt"] is None:
        yield "an intent is recorded, and no attempt"
    first = min(intents, default=None)
    for row in [*_rows(bundle, "plan"), *_rows(bundle, "decision")]:
        if first is not None and row["seq"] > first and row["outcome"] in (*ALLOWED, "proposed"):
            yield f"audit row {row['seq']} ({row['outcome']}) comes after the intent"


def _outcome(bundle: Bundle) -> Iterator[str]:
    change = bundle["change"]
    if change["state"] not in OVER:
        return
    ends = [row for row in _rows(bundle, "change", "decision") if row["outcome"] in OVER]
    if not ends or ends[-1]["outcome"] != change["state"]:
        yield f"the audit does not say that it is {change['state']}"
    elif not _same_words(ends[-1]["detail"], change["result"]):
        yield "the audit says another result"


def _same_words(detail: str, result: str) -> bool:
    return detail.rstrip(".") == result.rstrip(".")


def _requests(bundle: Bundle) -> Iterator[str]:
    told = [
        {"row": row["seq"], **request}
        for row in bundle["audit"]["rows"]
        for request in json.loads(row["requests"])
    ]
    if told != bundle["requests"]:
        yield "its API requests are not those of the audit rows"


# The program


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one file and say what was found; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot.evidence", description=__doc__)
    parser.add_argument("file", type=Path, help="what “change show ID --bundle” gave")
    parser.add_argument("--key", help="where the audit's key is, if it has one: env:NAME or file:PATH")
    given = parser.parse_args(arguments)
    try:
        bundle = json.loads(given.file.read_bytes())
        found = problems(bundle, _key(given.key))
    except (OSError, ValueError, Unreadable) as error:
        _say(f"{given.file}: it could not be checked: {error}")
        return 2
    _say(*_verdict(bundle, found))
    return 1 if found else 0


def _verdict(bundle: Bundle, found: Sequence[str]) -> list[str]:
    change, rows = bundle["change"], bundle["audit"]["rows"]
    title = f"{change['id']}, {bundle['plan']['action']}: {change['state']}"
    if found:
        return [title, *(f"Does not hold: {each}." for each in found)]
    numbers = f"rows {rows[0]['seq']} to {rows[-1]['seq']}" if rows else "no rows"
    return [
        title,
        f"Digest, decisions, order, outcome and the hashes of {len(rows)} audit rows ({numbers}) hold.",
        "The timeline is not in the audit, and so not proven.",
        "That the rows are those of the log, “pgbot audit verify” and its anchors tell.",
    ]


def _key(reference: str | None) -> bytes | None:
    if reference is None:
        return None
    kind, _, name = reference.partition(":")
    if kind == "env" and name in os.environ:
        return os.environ[name].encode()
    if kind == "file":
        return Path(name).read_text(encoding="utf-8").strip().encode()
    raise Unreadable("--key must be env:NAME of a variable that is set, or file:PATH")


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
