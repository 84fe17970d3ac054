"""Whether enough of the right people have agreed: a matching of voters to the seats that a rule has."""

from collections import Counter
from collections.abc import Iterable, Mapping

from bot.domain.phrases import listed


def seats(needed: Mapping[str, int]) -> list[str]:
    """One seat per approval that each role has to give: `{dba: 2, owner: 1}` gives three."""
    return [role for role in sorted(needed) for _ in range(needed[role])]


def empty_seats(needed: Mapping[str, int], voters: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The roles whose approval is still missing, at best: nobody sits on two seats, and no assignment fills
    more of them. Empty means that the rule is satisfied.

    `voters` are the roles of each person who has agreed. Somebody with two roles takes the seat that lets
    the request go on (augmenting paths; Kuhn's algorithm).
    """
    wanted = seats(needed)
    people = [frozenset(roles) for roles in voters]
    taken: dict[int, int] = {}

    def placed(person: int, tried: set[int]) -> bool:
        for seat, role in enumerate(wanted):
            if role not in people[person] or seat in tried:
                continue
            tried.add(seat)
            if seat not in taken or placed(taken[seat], tried):
                taken[seat] = person
                return True
        return False

    for person in range(len(people)):
        placed(person, set())
    return tuple(role for seat, role in enumerate(wanted) if seat not in taken)


def in_words(empty: Iterable[str]) -> str:
    """Empty seats for people: `2 × dba and owner`; empty for none."""
    counts = Counter(empty)
    return listed(f"{count} × {role}" if count > 1 else role for role, count in counts.items())


def is_satisfied(needed: Mapping[str, int], voters: Iterable[Iterable[str]]) -> bool:
    """Whether every seat is filled."""
    return not empty_seats(needed, voters)
