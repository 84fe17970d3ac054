"""v1 lets one choose the storage type, and v2 has no such field.

Source: ionos-v1.openapi.yaml, StorageType; absent from ionos-v2.openapi.yaml. Which medium v2 uses, and what
the vendor's own migration makes of a cluster on another, is not known. It is advice for the slower types,
for which a change is the likelier to be felt; that is inferred.
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Found, Remedy, Rule, Severity, Verdict, unstated

LIKELY_TO_CHANGE = frozenset({"HDD", "SSD Standard"})

rule = Rule(
    module=__name__,
    title="v2 does not let you choose the storage type",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="v1 specification: storageType; the v2 specification has no such field",
    remedy=Remedy(text="Performance and price may change. Ask IONOS which storage v2 uses."),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    medium = facts.cluster.storage_type
    if medium is None:
        return unstated("properties.storageType")
    why = "It is unknown which storage v2 uses, and what IONOS's own migration does with this type."
    severity = Severity.ADVICE if medium in LIKELY_TO_CHANGE else None
    return Found.of("properties.storageType", medium, why=why, severity=severity)
