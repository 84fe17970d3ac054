"""The cluster has databases of its own, and v2 has no databases endpoint.

Source: ionos-v2.openapi.yaml has no path for databases; a cluster has one initial database, in `credentials`
(v1-v2-mapping, section 4).
"""

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict
from migrations.rules.pgr100_users_leave_the_api import judge_own
from migrations.rules.pgr104_no_database_fits import CALL

rule = Rule(
    module=__name__,
    title="v2 has no API to manage databases",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v2 specification: no databases endpoint, one initial database in credentials",
    remedy=Remedy(
        text="Your databases stay. Manage them with SQL.",
        command="/pg database list {name}",
        sql="SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE NOT datistemplate ORDER BY 1;",
    ),
    scope=Scope.CLIENTS,
    needs=frozenset({FactNeed.DATABASES}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_own(known(facts.databases), "properties.name", CALL, "metadata.createdBy")
