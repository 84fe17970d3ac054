"""The cluster's PostgreSQL version is not among those that v2 offers in the region.

Source: /versions of the region's v2 host (ionos-v2.openapi.yaml, PostgresVersion). What the vendor's own
migration makes of such a version is not known.
"""

from bot.domain.cluster import PostgresVersion
from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    Inconclusive,
    NotApplicable,
    Remedy,
    Rule,
    RuleEvidence,
    Severity,
    Verdict,
    unstated,
)

rule = Rule(
    module=__name__,
    title="v2 does not offer this PostgreSQL version in the region",
    severity=Severity.BLOCKER,
    basis=Basis.LIMIT,
    source="v2 GET /versions of the region: the version is not in the list",
    remedy=Remedy(
        text="Upgrade to a version that v2 offers. You cannot undo an upgrade, so try it on a clone first.",
        command="/pg cluster upgrade {name}",
    ),
    needs=frozenset({FactNeed.V2_VERSIONS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    major = facts.cluster.postgres_version
    if major is None:
        return unstated("properties.postgresVersion")
    offered = [each.name for each in known(facts.v2_versions)]
    if not offered:
        return Inconclusive(f"v2's list of versions for {facts.home.region} is empty")
    if major in offered:
        return QUIET
    seen = (
        RuleEvidence(field="properties.postgresVersion", value=major),
        RuleEvidence(field="properties.version", value=", ".join(offered), call="v2 GET /versions"),
    )
    return Found(seen, why="It is unknown how IONOS's own migration handles such a version.")


def find_status(facts: ClusterFacts, status: str) -> PostgresVersion | Verdict:
    """Return v2's entry of the cluster's version where it has this status, else the verdict of the rule about
    it."""
    major, versions = facts.cluster.postgres_version, known(facts.v2_versions)
    if major is None:
        return unstated("properties.postgresVersion")
    offered = next((each for each in versions if each.name == major), None)
    if not versions:
        return Inconclusive(f"v2's list of versions for {facts.home.region} is empty")
    if offered is None:
        return NotApplicable(f"v2 does not offer PostgreSQL {major}; see PGR030")
    if offered.status is None:
        return Inconclusive(f"v2's response does not include properties.status of version {major}")
    return offered if offered.status == status else QUIET
