"""Votes and required roles by brute force, and hypothesis's ways to make them."""

from hypothesis import strategies as st

ROLES = ("dba", "owner", "security")

needs = st.dictionaries(st.sampled_from(ROLES), st.integers(1, 3), min_size=1)
voter_lists = st.lists(st.frozensets(st.sampled_from((*ROLES, "developer"))), max_size=6)


def most_approvals(needed, voters):
    """Return how many approvals can be satisfied at best, by trying every role for everybody, and none."""
    if not voters:
        return 0
    first, *others = voters
    taken = [
        1 + most_approvals({**needed, role: needed[role] - 1}, others)
        for role in first
        if needed.get(role, 0)
    ]
    return max([most_approvals(needed, others), *taken])
