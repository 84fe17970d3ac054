"""Storage above v2's maximum of 4096 GB.

Source: ionos-v2.openapi.yaml, InstanceConfiguration.storageSize (maximum 4096, in GB). v1 publishes a maximum
of 2048 GB (ionos-v1.openapi.yaml, storageSize), so this should not occur.
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Remedy, Rule, Severity, Verdict
from migrations.rules.pgr011_ram_above_maximum import judge_maximum

MAXIMUM_MB = 4096 * 1024

rule = Rule(
    module=__name__,
    title="Storage is above v2's maximum of 4096 GB",
    severity=Severity.BLOCKER,
    basis=Basis.LIMIT,
    source="v2 specification: instances.storageSize is at most 4096 GB; v1 specification: at most 2048 GB",
    remedy=Remedy(
        text=(
            "Check the cluster again. If the size is still the same, ask IONOS support: storage can "
            "never shrink."
        ),
        command="/pg cluster show {name}",
        ionosctl="ionosctl dbaas postgres cluster get --cluster-id {id}",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_maximum("properties.storageSize", facts.cluster.storage_mb, MAXIMUM_MB)
