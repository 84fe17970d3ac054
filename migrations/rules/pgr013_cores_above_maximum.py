"""More cores per instance than v2's maximum of 62.

Source: ionos-v2.openapi.yaml, InstanceConfiguration.cores (maximum 62); v1 is bounded by the contract only
(ionos-api-notes, section 3). What the vendor's own migration makes of such a cluster is not known.
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Inconclusive, Remedy, Rule, Severity, Verdict, unstated

MAXIMUM = 62

rule = Rule(
    module=__name__,
    title="The cluster has more cores than v2's maximum of 62",
    severity=Severity.BLOCKER,
    basis=Basis.LIMIT,
    source="v2 specification: instances.cores is at most 62; in v1 only the contract sets a limit",
    remedy=Remedy(
        text="Scale down to 62 cores. This causes one failover.",
        command="/pg cluster resize {name} --cores 62",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --cores 62",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    cores = facts.cluster.cores
    if cores is None:
        return unstated("properties.cores")
    if cores <= 0:
        return Inconclusive(f"properties.cores in v1 is {cores}, which is not a possible number")
    if cores <= MAXIMUM:
        return QUIET
    why = "It is unknown how IONOS's own migration handles such a cluster."
    return Found.of("properties.cores", f"{cores} cores per instance", why=why)
