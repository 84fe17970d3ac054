"""No user of the cluster has a name that v2's `credentials` take.

Source: ionos-v2.openapi.yaml, PostgresUser.username, as in PGR101. Official tools send `credentials` with
every PUT (ionos-api-notes, section 5), so that one name has to fit.
"""

from migrations.facts import ClusterFacts, FactNeed, is_own, known
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Scope, Severity, Verdict, unstated
from migrations.rules.pgr101_user_names_unfit import CALL, describe_misfit, misfit

rule = Rule(
    module=__name__,
    title="v2 accepts none of the user names in credentials",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v2 specification: credentials.username has 2 to 16 characters of A-Z, a-z, 0-9 and _",
    remedy=Remedy(
        text="Before the move, create a user with a short name, such as app_owner.",
        command="/pg user create {name} app_owner",
        ionosctl=(
            "ionosctl dbaas postgres user create --cluster-id {id} "
            '--user app_owner --password "$NEW_PASSWORD"'
        ),
        sql="CREATE ROLE app_owner LOGIN;\n\\password app_owner",
    ),
    scope=Scope.CLIENTS,
    needs=frozenset({FactNeed.USERS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    users = [user for user in known(facts.users) if is_own(user) is not False]
    fitting = [user for user in users if not misfit(user.name)]
    if any(is_own(user) for user in fitting):
        return QUIET
    if fitting:
        return unstated(f"properties.system of {fitting[0].name}")
    found = [describe_misfit(name) for name in sorted(user.name for user in users)]
    return Found.of("properties.username", *(found or ["only system users"]), call=CALL)
