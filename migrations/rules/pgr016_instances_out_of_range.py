"""A number of instances that neither API allows.

Source: instances 1 to 5 in both specifications (ionos-api-notes, section 3), so this should not occur.
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Severity, Verdict, unstated

FEWEST, MOST = 1, 5

rule = Rule(
    module=__name__,
    title="The number of instances is outside 1 to 5",
    severity=Severity.BLOCKER,
    basis=Basis.DOCUMENTED,
    source="v1 and v2 specifications: a cluster has 1 to 5 instances",
    remedy=Remedy(
        text=(
            "Check the cluster again. If the number is still the same, scale to N from 1 to 5, or ask "
            "IONOS support. Scaling down can cause a failover."
        ),
        command="/pg cluster resize {name} --instances N",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --instances N",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    instances = facts.cluster.instances
    if instances is None:
        return unstated("properties.instances")
    if FEWEST <= instances <= MOST:
        return QUIET
    return Found.of("properties.instances", f"{instances} instances")
