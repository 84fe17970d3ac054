"""v2 calls the cluster's PostgreSQL version a beta.

Source: status values of /versions (ionos-v2.openapi.yaml, PostgresVersion.status, from the provider's docs).
That the version only goes up is in ionos-v1.openapi.yaml, PATCH /clusters/{id}.
"""

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import (
    QUIET,
    Basis,
    CannotTell,
    Found,
    Remedy,
    Rule,
    RuleEvidence,
    Severity,
    Verdict,
    unstated,
)

rule = Rule(
    module=__name__,
    title="v2 calls this PostgreSQL version a beta",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v2 GET /versions: status BETA",
    remedy=Remedy(
        text="Ask the owner whether a beta is meant here. A cluster cannot go back to an older major.",
    ),
    needs=frozenset({FactNeed.V2_VERSIONS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    major = facts.cluster.postgres_version
    if major is None:
        return unstated("properties.postgresVersion")
    offered = next((each for each in known(facts.v2_versions) if each.name == major), None)
    if offered is not None and offered.status is None:
        return CannotTell(f"v2's answer does not say properties.status of version {major}")
    if offered is None or offered.status != "BETA":
        return QUIET
    return Found(
        (RuleEvidence(field="properties.status", value=f"{major} is BETA", call="v2 GET /versions"),)
    )
