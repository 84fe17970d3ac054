"""IONOS moves every v1 cluster to v2 by itself; what the customer's own tools speak stays the customer's.

Source: the vendor's deprecation text in the v1 guides ("No user action is required"; v1-v2-mapping, section
1). It names no date, no order and no downtime, and it is about clusters, not about client code.
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Found, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="IONOS will move this cluster to v2; you must update what calls v1",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="v1 guide, deprecation notice: v1 clusters move to v2 without user action; it gives no date",
    remedy=Remedy(
        text=(
            "Change everything that still calls v1: paths, methods, units, states and authentication "
            "differ. `pgbot scan PATH` finds these calls in your repositories."
        ),
        command="/pg migration plan {name}",
    ),
    scope=Scope.GENERAL,
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    why = "IONOS has not published a date, an order or the downtime."
    return Found.of("id", f"{facts.cluster.id} is a v1 cluster", why=why)
