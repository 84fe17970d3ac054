"""v2 calls the cluster's PostgreSQL version a beta.

Source: status values of /versions (ionos-v2.openapi.yaml, PostgresVersion.status, from the provider's docs).
That the version only goes up is in ionos-v1.openapi.yaml, PATCH /clusters/{id}.
"""

from bot.domain.cluster import PostgresVersion
from migrations.facts import ClusterFacts, FactNeed
from migrations.rule import Basis, Found, Remedy, Rule, Severity, Verdict
from migrations.rules.pgr030_version_not_offered import find_status

rule = Rule(
    module=__name__,
    title="This PostgreSQL version is a beta in v2",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v2 GET /versions: status BETA",
    remedy=Remedy(
        text=(
            "Ask the owner whether this cluster should run a beta. A cluster cannot return to an older "
            "major version."
        ),
    ),
    needs=frozenset({FactNeed.V2_VERSIONS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    offered = find_status(facts, "BETA")
    if not isinstance(offered, PostgresVersion):
        return offered
    return Found.of("properties.status", f"{offered.name} is BETA", call="v2 GET /versions")
