"""A user's name cannot be put into v2's `credentials`.

Source: ionos-v2.openapi.yaml, PostgresUser.username: 2 to 16 letters, digits and underscores; postgres, admin
and standby are reserved (the official command line's help; the published list is not complete). It concerns
only the one name in `credentials`: any role goes on working in the database.
"""

import re

from migrations.facts import ClusterFacts, FactNeed, is_own, known
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    NotApplicable,
    Remedy,
    Rule,
    Scope,
    Severity,
    Verdict,
    unstated,
)

CALL = "v1 GET /clusters/{id}/users?system=true"

MINIMUM, MAXIMUM = 2, 16
"""Characters of a user name in v2's credentials."""

RESERVED = frozenset({"postgres", "admin", "standby"})

_WORD = re.compile(r"[A-Za-z0-9_]*")

rule = Rule(
    module=__name__,
    title="v2 does not accept a user's name in credentials",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v2 specification: credentials.username has 2 to 16 characters of A-Z, a-z, 0-9 and _",
    remedy=Remedy(
        text=(
            "Use a user with an accepted name in credentials, or create one. The other users stay as "
            "they are."
        ),
        command="/pg user list {name}",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.USERS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    users = sorted(known(facts.users), key=lambda user: user.name)
    if all(is_own(user) is False for user in users):
        return NotApplicable("the cluster has only system users; see PGR102")
    unfit = [user for user in users if misfit(user.name)]
    seen = [describe_misfit(user.name) for user in unfit if is_own(user)]
    if seen:
        why = "This concerns only the one user in credentials."
        return Found.of("properties.username", *seen, call=CALL, why=why)
    unclear = next((user.name for user in unfit if is_own(user) is None), None)
    return QUIET if unclear is None else unstated(f"properties.system of {unclear}")


def misfit(name: str) -> str:
    """Say why v2's credentials do not take this user name; empty when they do."""
    if not MINIMUM <= len(name) <= MAXIMUM:
        return f"{len(name)} characters"
    if not _WORD.fullmatch(name):
        return "has characters other than A-Z, a-z, 0-9 and _"
    return "reserved by the platform" if name.lower() in RESERVED else ""


def describe_misfit(name: str) -> str:
    """Return the name, and why v2's credentials do not take it."""
    return f"{name or 'an empty name'}: {misfit(name)}"
