"""IONOS moves every v1 cluster to v2 by itself; what the customer's own tools speak stays the customer's.

Source: the vendor's deprecation text in the v1 guides ("No user action is required"; v1-v2-mapping, section
1). It names no date, no order and no downtime, and it is about clusters, not about client code.
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Found, Remedy, Rule, RuleEvidence, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="IONOS will move this cluster to v2 by itself, and what calls v1 is yours to change",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="v1 guide, deprecation notice: v1 clusters are moved to v2 without user action; no date is given",
    remedy=Remedy(
        text="Change what still speaks v1: path, method, units, states and authentication differ. "
        "`pgbot scan PATH` finds it in repositories.",
        command="/pg migration plan {name}",
    ),
    scope=Scope.GENERAL,
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    seen = RuleEvidence(field="id", value=f"{facts.cluster.id} is a cluster of v1")
    return Found((seen,), why="No date, order or downtime has been published.")
