"""Checks of plan, votes and required approvals against the rows of plan and decisions."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from .reading import Bundle, Row, canonical, kept, own, person

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
        "rule": f"{need_rule(need)}: needs {need_words(need)}",
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
        roles &= {role for each in approvals(bundle["need"]) for role in each["roles"]}
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
    requester = bundle["change"]["requester"]["id"]
    given = [vote for vote in given if has_code(vote, bundle)]
    if not approvals(need):
        is_confirmed = any(v["word"] == "confirm" and v["voter"] == requester for v in given)
        if deciding(need)[0]["kind"] != "none" and not is_confirmed:
            yield "it was sent without the requester's confirmation"
    elif bundle["change"]["skipped"]:
        if not any(_may_break_glass(vote, need, requester) for vote in given):
            yield "it went ahead without approval, and nobody who may do so did"
    else:
        for each in approvals(need):
            counted = [set(vote["roles"]) for vote in given if _counts(vote, each, bundle)]
            if not satisfied(each["roles"], counted):
                yield f"it was sent without {condition_words(each)} ({each['rule']})"


def has_code(vote: Row, bundle: Bundle) -> bool:
    """Return whether a vote was given with a code, where the change asks for one and can lose data."""
    asked = any(each.get("step_up") for each in conditions(bundle["need"]))
    if not asked or bundle["plan"]["harm"] != "destructive":
        return True
    return any(is_row_of(row, vote) and kept(row).get("code") is True for row in own(bundle, "decision"))


def _may_break_glass(vote: Row, need: Row, requester: str) -> bool:
    """Return whether every approval condition lets this vote's person go ahead without approval."""
    is_own = vote["voter"] == requester
    allowed = set.intersection(*(set(each["break_glass"]) for each in approvals(need)))
    # Earlier releases had no break_glass_by, and let the requester do it.
    by = [each.get("break_glass_by", "requester") for each in approvals(need)]
    return (
        vote["word"] == "break glass"
        and bool(set(vote["roles"]) & allowed)
        and not (is_own and "another" in by)
    )


def _counts(vote: Row, condition: Row, bundle: Bundle) -> bool:
    """Return whether a vote counts for a condition: an approval of this digest, by another person or where
    the requester's own counts."""
    if vote["word"] != "approve" or vote["digest"] != bundle["digest"]:
        return False
    if vote["voter"] != bundle["change"]["requester"]["id"]:
        return True
    is_typed = any(each["kind"] == "type the name" for each in conditions(bundle["need"]))
    return bool(condition["own_vote"] and bundle["plan"]["harm"] != "destructive" and not is_typed)


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


def conditions(need: Row) -> list[Row]:
    """Return the conditions, which must all hold; a single one is stored without the list around it."""
    return list(need["conditions"]) if need.keys() == {"conditions"} else [need]


def approvals(need: Row) -> list[Row]:
    """Return the conditions that ask for approvals."""
    return [each for each in conditions(need) if each["kind"] == "approval"]


def deciding(need: Row) -> list[Row]:
    """Return the conditions of the highest kind, which are those that somebody has to do something for."""
    highest = max(KINDS.index(each["kind"]) for each in conditions(need))
    return [each for each in conditions(need) if each["kind"] == KINDS[highest]]


KINDS = ("none", "confirm", "type the name", "approval")
"""Kinds of condition, from the lowest to the highest."""


def need_rule(need: Row) -> str:
    """Return the rules of the requirement in the words of the audit."""
    return "; ".join(dict.fromkeys(each["rule"] for each in deciding(need)))


def need_words(need: Row) -> str:
    """Return the requirement in the words of the audit."""
    return ", and ".join(dict.fromkeys(condition_words(each) for each in deciding(need)))


def condition_words(condition: Row) -> str:
    """Return one condition in the words of the audit."""
    if condition["kind"] == "approval":
        return "approval by " + " and ".join(f"{count} {role}" for role, count in condition["roles"].items())
    words = {"none": "nothing", "confirm": "a confirmation", "type the name": "the cluster's name, typed"}
    return words[condition["kind"]]
