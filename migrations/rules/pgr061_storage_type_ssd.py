"""Storage type SSD, which is an old word for SSD Premium.

Source: ionos-v1.openapi.yaml, StorageType ("SSD" is deprecated and equals "SSD Premium").
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Severity, Verdict, unstated

rule = Rule(
    module=__name__,
    title="Storage type SSD is the old name of SSD Premium",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="v1 specification: storageType SSD is deprecated and equals SSD Premium",
    remedy=Remedy(
        text="Read SSD as SSD Premium when you compare clusters. You do not have to change anything."
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    medium = facts.cluster.storage_type
    if medium is None:
        return unstated("properties.storageType")
    return Found.of("properties.storageType", medium) if medium == "SSD" else QUIET
