"""The cluster's location is one that v2 has no host for.

Source: the region tables of the Terraform provider and the Go SDK psql/v3 (ionos-api-notes, section 1). All
ten locations known for v1 have a host, so this should not occur.
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Inconclusive, Remedy, Rule, Severity, Verdict

rule = Rule(
    module=__name__,
    title="v2 has no host for the cluster's location",
    severity=Severity.BLOCKER,
    basis=Basis.DOCUMENTED,
    source="Region tables of the Terraform provider and the Go SDK psql/v3: nine hosts for ten locations",
    remedy=Remedy(text="Ask IONOS support which v2 region will serve this location."),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    home = facts.home
    if home.v2_region is not None:
        return QUIET
    if home.region is None:
        return Inconclusive(home.why_unknown)
    return Found.of("properties.location", home.region)
