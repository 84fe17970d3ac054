"""No database of the cluster has a name that v2's `credentials` take.

Source: ionos-v2.openapi.yaml, PostgresUser.database: mandatory, 2 to 63 letters, digits and underscores. Any
database in use may be named there (the provider's guide for moving to v2); that the platform's own are not
meant is our reading.
"""

import re

from migrations.facts import ClusterFacts, FactNeed, is_own, known
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Scope, Severity, Verdict, unstated

CALL = "v1 GET /clusters/{id}/databases"

FITS_V2 = re.compile(r"[A-Za-z0-9_]{2,63}")

rule = Rule(
    module=__name__,
    title="v2 accepts none of the database names in credentials",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v2 specification: credentials.database has 2 to 63 characters of A-Z, a-z, 0-9 and _",
    remedy=Remedy(
        text="Create a database with an accepted name, such as app. Replace app_owner with its owner.",
        command="/pg database create {name} app --owner app_owner",
        ionosctl="ionosctl dbaas postgres database create --cluster-id {id} --database app --owner app_owner",
        # Who makes a database for another role has to be its member.
        sql="GRANT app_owner TO CURRENT_USER;\nCREATE DATABASE app OWNER app_owner;\n"
        "REVOKE app_owner FROM CURRENT_USER;",
    ),
    scope=Scope.CLIENTS,
    needs=frozenset({FactNeed.DATABASES}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    databases = [database for database in known(facts.databases) if is_own(database) is not False]
    fitting = [database for database in databases if FITS_V2.fullmatch(database.name)]
    if any(is_own(database) for database in fitting):
        return QUIET
    if fitting:
        return unstated(f"metadata.createdBy of {fitting[0].name}")
    names = [name or "an empty name" for name in sorted(database.name for database in databases)]
    return Found.of("properties.name", *(names or ["only system databases"]), call=CALL)
