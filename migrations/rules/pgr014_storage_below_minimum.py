"""Storage below v2's minimum of 10 GB.

Source: ionos-v2.openapi.yaml, InstanceConfiguration.storageSize (minimum 10, in GB). v1 let clusters with 2
GB be made in earlier years (ionos-api-notes, section 3). What the vendor's own migration makes of them is
not known.
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Remedy, Rule, Severity, Verdict
from migrations.rules.pgr010_ram_below_minimum import judge_minimum

MINIMUM_MB = 10 * 1024

rule = Rule(
    module=__name__,
    title="Storage is below v2's minimum of 10 GB",
    severity=Severity.ACTION,
    basis=Basis.LIMIT,
    source="v2 specification: instances.storageSize is at least 10 GB; v1 once allowed 2 GB",
    remedy=Remedy(
        text="Grow the storage to 10 GB. This happens online, and storage can never shrink.",
        command="/pg cluster resize {name} --storage 10",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --storage-size 10GB",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_minimum("properties.storageSize", facts.cluster.storage_mb, MINIMUM_MB)
