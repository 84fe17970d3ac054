"""Quorum: a matching of approvers to the approvals that a rule requires."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.phrases import format_count, join_names

RoleNames = Mapping[str, Sequence[str]]
"""The names of the people who can still approve, by role; a role that is not in it is shown without names."""

NO_NAMES: RoleNames = {}

ABBREVIATIONS = frozenset({"dba", "dbre", "qa", "sre"})
"""Roles whose names are abbreviations, which people write in capitals."""


def missing_approvals(needed: Mapping[str, int], voters: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the roles whose approval is missing under the best assignment; each person counts once.

    Empty means that the rule is satisfied. `voters` are the roles of each person who approved. A person
    with two roles gives the approval that helps most (augmenting paths; Kuhn's algorithm).
    """
    requested = [role for role in sorted(needed) for _ in range(needed[role])]
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


def format_role(role: str) -> str:
    """Return the role as people write it: `DBA`, `owner`."""
    return role.upper() if role in ABBREVIATIONS else role


def describe_approvals(roles: Iterable[str], names: RoleNames = NO_NAMES) -> str:
    """Return approvals in words, given one role for each: `2 DBA approvals (Ann, Cem or Dee) and 1 owner
    approval`; empty for none."""
    return join_names(
        format_count(count, f"{format_role(role)} approval")
        + (f" ({join_names(names[role], 'or')})" if names.get(role) else "")
        for role, count in Counter(roles).items()
    )
