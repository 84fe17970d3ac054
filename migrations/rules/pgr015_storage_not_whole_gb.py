"""Storage that is not a whole number of GB, the only unit that v2 has.

Source: v1 counts MB without a step, and a sample of the vendor's Ansible collection has 30480 MB; v2 counts
whole GB (ionos-api-notes, section 3). What the vendor's own migration makes of the rest is not known.
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Remedy, Rule, Severity, Verdict
from migrations.rules.pgr012_ram_not_whole_gb import judge_whole

MINIMUM_GB = 10
"""v1 takes no less by now, whatever the cluster was made with."""

rule = Rule(
    module=__name__,
    title="Storage is not a whole number of GB",
    severity=Severity.ADVICE,
    basis=Basis.LIMIT,
    source="v1 counts storageSize in MB without a step; v2 specification: instances.storageSize in whole GB",
    remedy=Remedy(
        text=(
            "Grow the storage to the next whole number N of GB, so that you can compare v1 with v2. "
            "This happens online, and storage can never shrink."
        ),
        command="/pg cluster resize {name} --storage N",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --storage-size NGB",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    more = " It is unknown how IONOS's own migration rounds it."
    return judge_whole("properties.storageSize", facts.cluster.storage_mb, MINIMUM_GB, more)
