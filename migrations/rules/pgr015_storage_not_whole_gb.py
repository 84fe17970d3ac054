"""Storage that is not a whole number of GB, the only unit that v2 has.

Source: v1 counts MB without a step, and a sample of the vendor's Ansible collection has 30480 MB; v2 counts
whole GB (ionos-api-notes, section 3). What the vendor's own migration makes of the rest is not known.
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Severity, Verdict, unstated

MB_PER_GB = 1024
MINIMUM_GB = 10

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
    storage_mb = facts.cluster.storage_mb
    if storage_mb is None:
        return unstated("properties.storageSize")
    if storage_mb % MB_PER_GB == 0:
        return QUIET
    # v1 takes no less than 10 GB by now, whatever the cluster was made with.
    fitting = max(storage_mb // MB_PER_GB + 1, MINIMUM_GB)
    why = f"The next whole size is {fitting} GB. It is unknown how IONOS's own migration rounds it."
    return Found.of("properties.storageSize", f"{storage_mb} MB", why=why)
