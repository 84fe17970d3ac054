"""The cluster has users of its own, and v2 has no users endpoint.

Source: ionos-v2.openapi.yaml has no path for users; a cluster has one primary user, in `credentials`
(v1-v2-mapping, section 4).
"""

from collections.abc import Sequence

from bot.domain.cluster import ClusterDatabase, DbUser
from migrations.facts import ClusterFacts, FactNeed, is_own, known
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Scope, Severity, Verdict, unstated
from migrations.rules.pgr101_user_names_unfit import CALL

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
    return judge_own(known(facts.users), "properties.username", CALL, "properties.system")


def judge_own(
    things: Sequence[DbUser | ClusterDatabase], field_of_name: str, call: str, field_of_maker: str
) -> Verdict:
    """Return found with each thing that is the customer's own."""
    by_name = sorted(things, key=lambda each: each.name)
    own = [each.name or "an empty name" for each in by_name if is_own(each)]
    if own:
        return Found.of(field_of_name, *own, call=call)
    unclear = next((each.name for each in by_name if is_own(each) is None), None)
    return QUIET if unclear is None else unstated(f"{field_of_maker} of {unclear}")
