"""RAM that is not a whole number of GB, the only unit that v2 has.

Source: v1's own rule, a multiple of 1024 MB (ionos-api-notes, section 3; Python SDK 3.0.0), so this should
not occur; v2 counts RAM in whole GB (ionos-v2.openapi.yaml, InstanceConfiguration.ram).
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Severity, Verdict, unstated

MB_PER_GB = 1024
MINIMUM_GB = 4

rule = Rule(
    module=__name__,
    title="RAM is not a whole number of GB",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v1's own rule: RAM is a multiple of 1024 MB; v2 counts it in whole GB",
    remedy=Remedy(
        text="Scale RAM up to the next whole number N of GB. This causes one failover.",
        command="/pg cluster resize {name} --ram N",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --ram NGB",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    ram_mb = facts.cluster.ram_mb
    if ram_mb is None:
        return unstated("properties.ram")
    if ram_mb % MB_PER_GB == 0:
        return QUIET
    # v1 takes no less than 4 GB by now, whatever the cluster was made with.
    fitting = max(ram_mb // MB_PER_GB + 1, MINIMUM_GB)
    return Found.of("properties.ram", f"{ram_mb} MB", why=f"The next whole size is {fitting} GB.")
