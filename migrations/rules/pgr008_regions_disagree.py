"""v1 states one region as the cluster's location and another in its DNS name.

Source: the name's form pg-<16 characters>.postgresql.<region>.ionos.com (ionos-api-notes, section 10). Which
of the two is right nobody can tell from outside; clients connect to the name, so the other rules go by it
(v1-v2-mapping, section 5).
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, RuleEvidence, Severity, Verdict, unstated

rule = Rule(
    module=__name__,
    title="The location and the DNS name disagree about the region",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="inferred: v1's location and the region in dnsName should agree; we trust the DNS name",
    remedy=Remedy(
        text=(
            "Check the location of the cluster's data center in the Cloud API, and tell IONOS support "
            "which one is wrong."
        ),
        command="/pg cluster show {name}",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    home = facts.home
    if home.by_location is None:
        return unstated("properties.location")
    if home.by_dns_name is None:
        return unstated("properties.dnsName")
    if not home.is_contradictory:
        return QUIET
    seen = (
        RuleEvidence(field="properties.location", value=home.stated),
        RuleEvidence(field="properties.dnsName", value=facts.cluster.dns_name or ""),
    )
    return Found(seen, why=f"The other rules use {home.region}.")
