"""The cluster has users of its own, and v2 has no users endpoint.

Source: ionos-v2.openapi.yaml has no path for users; a cluster has one primary user, in `credentials`
(v1-v2-mapping, section 4).
"""

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    Remedy,
    Rule,
    RuleEvidence,
    Scope,
    Severity,
    Verdict,
    unstated,
)
from migrations.rules.pgr101_user_names_unfit import CALL, is_own

rule = Rule(
    module=__name__,
    title="v2 has no API to manage users",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v2 specification: no users endpoint, one primary user in credentials",
    remedy=Remedy(
        text="Your roles stay in the database. Manage them with SQL.",
        command="/pg user list {name}",
        sql="SELECT rolname, rolcanlogin FROM pg_roles ORDER BY 1;",
    ),
    scope=Scope.CLIENTS,
    needs=frozenset({FactNeed.USERS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    users = sorted(known(facts.users), key=lambda user: user.name)
    own = [user.name or "an empty name" for user in users if is_own(user)]
    if own:
        return Found(tuple(RuleEvidence(field="properties.username", value=name, call=CALL) for name in own))
    unclear = next((user.name for user in users if is_own(user) is None), None)
    return QUIET if unclear is None else unstated(f"properties.system of {unclear}")
