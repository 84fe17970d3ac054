"""Backups lie in a location that v2 does not offer in the region.

Source: /backup-locations of the region's v2 host (ionos-v2.openapi.yaml); the values known of v1 and of v2
differ (ionos-api-notes, section 6). What the vendor's own migration makes of backups there is not known.
"""

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    Inconclusive,
    Remedy,
    Rule,
    RuleEvidence,
    Severity,
    Verdict,
    unstated,
)

rule = Rule(
    module=__name__,
    title="v2 does not offer this backup location in the region",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v2 GET /backup-locations of the region: the location is not in the list",
    remedy=Remedy(
        text=(
            "If you rebuild the cluster, choose one of v2's locations. If IONOS moves it, ask IONOS "
            "what happens to its backups."
        ),
    ),
    needs=frozenset({FactNeed.V2_LOCATIONS}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    location = facts.cluster.backup_location
    if location is None:
        return unstated("properties.backupLocation")
    offered = [each.name for each in known(facts.v2_locations)]
    if not offered:
        return Inconclusive(f"v2's list of backup locations for {facts.home.region} is empty")
    if location in offered:
        return QUIET
    seen = (
        RuleEvidence(field="properties.backupLocation", value=location),
        RuleEvidence(field="properties.location", value=", ".join(offered), call="v2 GET /backup-locations"),
    )
    return Found(seen, why="It is unknown what IONOS's own migration does with backups there.")
