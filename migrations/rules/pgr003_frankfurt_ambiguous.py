"""v1 says de/fra also for clusters that were made in de/fra/2.

Source: a comment in the Terraform provider on vendor ticket DB-4824, open in July 2026 (ionos-api-notes,
section 1). Both locations share one v2 host, and v2 has no location field: only the data center tells them
apart.
"""

from migrations.facts import ClusterFacts
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
)

AMBIGUOUS = "de/fra"

rule = Rule(
    module=__name__,
    title="The location may be de/fra/2, which v1 reports as de/fra",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="Terraform provider, comment on vendor ticket DB-4824: de/fra/2 is read back as de/fra",
    remedy=Remedy(
        text=(
            "Check the location of the cluster's data center in the Cloud API. v2 serves both locations "
            "from postgresql.de-fra.ionos.com."
        )
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    cluster = facts.cluster
    if facts.home.region is None:
        return Inconclusive(facts.home.why_unknown)
    if facts.home.region != AMBIGUOUS:
        return NotApplicable("the cluster is not in Frankfurt")
    if cluster.region == f"{AMBIGUOUS}/2":
        return QUIET
    centers = tuple(
        RuleEvidence(field="properties.connections[0].datacenterId", value=connection.datacenter_id)
        for connection in cluster.connections[:1]
        if connection.datacenter_id
    )
    return Found((RuleEvidence(field="properties.location", value=cluster.region), *centers))
