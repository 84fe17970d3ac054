"""Quorum: a matching of approvers to the approvals that a rule requires."""

from collections import Counter
from collections.abc import Iterable, Mapping

from bot.domain.phrases import join_names


def required_roles(needed: Mapping[str, int]) -> list[str]:
    """Return one role per required approval: `{dba: 2, owner: 1}` gives three."""
    return [role for role in sorted(needed) for _ in range(needed[role])]


def missing_approvals(needed: Mapping[str, int], voters: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the roles whose approval is missing under the best assignment; each person counts once.

    Empty means that the rule is satisfied. `voters` are the roles of each person who approved. A person
    with two roles gives the approval that helps most (augmenting paths; Kuhn's algorithm).
    """
    requested = required_roles(needed)
    people = [frozenset(roles) for roles in voters]
    taken: dict[int, int] = {}

    def placed(person: int, tried: set[int]) -> bool:
        for seat, role in enumerate(requested):
            if role not in people[person] or seat in tried:
                continue
            tried.add(seat)
            if seat not in taken or placed(taken[seat], tried):
                taken[seat] = person
                return True
        return False

    for person in range(len(people)):
        placed(person, set())
    return tuple(role for seat, role in enumerate(requested) if seat not in taken)


def describe_missing(empty: Iterable[str]) -> str:
    """Return missing approvals in words: `2 × dba and owner`; empty for none."""
    counts = Counter(empty)
    return join_names(f"{count} × {role}" if count > 1 else role for role, count in counts.items())
