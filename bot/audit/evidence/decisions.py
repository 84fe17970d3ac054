"""Checks of plan, votes and required approvals against the rows of plan and decisions."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from .reading import Bundle, Row, canonical, own, person

DIGESTED = ("command", "arguments", "target", "order", "observed")
SAID = {"approve": "approved", "deny": "denied", "confirm": "confirmed", "break glass": "break-glass"}
"""Outcomes of the audit rows of votes."""


def digest(bundle: Bundle) -> Iterator[str]:
    """Yield differences between the plan's digest and the digests in the rows."""
    substance = {name: bundle["plan"][name] for name in DIGESTED}
    if hashlib.sha256(canonical(substance)).hexdigest() != bundle["digest"]:
        yield "the digest is not that of the plan"
    for row in own(bundle, "plan", "intent"):
        if row["digest"] != bundle["digest"]:
            yield f"audit row {row['seq']} has another digest"


def plan_row(bundle: Bundle) -> Iterator[str]:
    """Yield differences between the request and the audit row of its plan."""
    rows, change, need = own(bundle, "plan"), bundle["change"], bundle["need"]
    if len(rows) != 1:
        yield f"the audit has {len(rows)} rows of its plan, not one"
        return
    row, requester = rows[0], change["requester"]
    requested = {
        "text": bundle["plan"]["action"],
        "command": bundle["plan"]["command"],
        "detail": change["reason"],
        "policy": change["policy"],
        "at": change["proposed_at"],
        "rule": f"{need['rule']}: needs {need_words(need)}",
        "team": requester["team"],
        "channel": requester["channel"],
    }
    for name, value in requested.items():
        if (row[name] or "") != value:
            yield f"the audit row of its plan has another {name}: {row[name]!r}"
    if not row["actor"].startswith(f"{requester['origin']}:") or person(row) not in ("", requester["id"]):
        yield f"the audit row of its plan is of {row['actor']}, not of the requester"


def votes(bundle: Bundle) -> Iterator[str]:
    """Yield votes without a row, and rows without a vote that was not taken back."""
    decisions = own(bundle, "decision")
    for vote in bundle["votes"]:
        yield from _vote(vote, bundle)
    for row in decisions:
        later = [each for each in decisions if each["seq"] > row["seq"] and _is_same(each, row)]
        is_over = any(each["outcome"] in ("approval taken back", *SAID.values()) for each in later)
        if row["outcome"] not in SAID.values() or is_over:
            continue
        if not any(is_row_of(row, vote) for vote in bundle["votes"]):
            yield f"the vote of audit row {row['seq']} is missing"


def _vote(vote: Row, bundle: Bundle) -> Iterator[str]:
    decisions = own(bundle, "decision")
    row = next((row for row in decisions if is_row_of(row, vote)), None)
    if row is None:
        voters = {each["voter"] for each in bundle["votes"]}
        others = [each for each in decisions if _is_such(each, vote) and person(each) not in voters]
        if others:
            yield f"the vote of {vote['voter']} is by {others[0]['actor']} in audit row {others[0]['seq']}"
        else:
            yield f"the audit has no row of what {vote['name']} said ({vote['word']})"
        return
    roles = set((row["roles"] or "").split())
    if vote["word"] in ("approve", "deny"):
        roles &= bundle["need"]["roles"].keys()
    if sorted(roles) != vote["roles"]:
        yield f"{vote['name']} did not have the roles {', '.join(vote['roles'])} in audit row {row['seq']}"
    if row["digest"] != vote["digest"]:
        yield f"{vote['name']} voted on another digest in audit row {row['seq']}"


def is_row_of(row: Row, vote: Row) -> bool:
    """Return whether this can be the row of the vote."""
    return _is_such(row, vote) and person(row) in ("", vote["voter"])


def _is_such(row: Row, vote: Row) -> bool:
    return bool(row["outcome"] == SAID[vote["word"]] and row["at"] == vote["at"])


def _is_same(one: Row, other: Row) -> bool:
    """Return whether both are of one person, in Slack or at the terminal."""
    return bool(one["actor"] == other["actor"] or (person(one) and person(one) == person(other)))


def enough(bundle: Bundle) -> Iterator[str]:
    """Yield what was missing when the request was sent: confirmation, approvals or break-glass."""
    if not own(bundle, "intent"):
        return
    need, given = bundle["need"], bundle["votes"]
    requester, sum_ = bundle["change"]["requester"]["id"], bundle["digest"]
    if need["kind"] in ("confirm", "type the name"):
        if not any(v["word"] == "confirm" and v["voter"] == requester for v in given):
            yield "it was sent without the requester's confirmation"
        return
    if need["kind"] != "approval":
        return
    if bundle["change"]["skipped"]:
        if not any(v["word"] == "break glass" and set(v["roles"]) & set(need["break_glass"]) for v in given):
            yield "it went ahead without approval, and nobody who may do so did"
        return
    is_own_counted = need["own_vote"] and bundle["plan"]["harm"] != "destructive"
    counted = [
        set(vote["roles"])
        for vote in given
        if vote["word"] == "approve"
        and vote["digest"] == sum_
        and (is_own_counted or vote["voter"] != requester)
    ]
    if not satisfied(need["roles"], counted):
        yield f"it was sent without {need_words(need)}"


def satisfied(needed: Mapping[str, int], voters: Sequence[set[str]]) -> bool:
    """Return whether each required approval has a voter of its own; every assignment is tried."""
    required = [role for role, count in needed.items() for _ in range(count)]

    def assign(number: int, left: tuple[set[str], ...]) -> bool:
        if number == len(required):
            return True
        return any(
            required[number] in roles and assign(number + 1, left[:index] + left[index + 1 :])
            for index, roles in enumerate(left)
        )

    return assign(0, tuple(voters))


def need_words(need: Row) -> str:
    """Return the requirement in the words of the audit."""
    if need["kind"] == "approval":
        return "approval by " + " and ".join(f"{count} {role}" for role, count in need["roles"].items())
    words = {"none": "nothing", "confirm": "a confirmation", "type the name": "the cluster's name, typed"}
    return words[need["kind"]]
