"""RAM below v2's minimum of 4 GB.

Source: ionos-v2.openapi.yaml, InstanceConfiguration.ram (minimum 4, in GB). v1 let clusters with 2 GB be made
until about September 2025 (ionos-api-notes, section 3). What the vendor's own migration makes of them is not
known.
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Inconclusive, Remedy, Rule, Severity, Verdict, unstated

MINIMUM_MB = 4 * 1024

rule = Rule(
    module=__name__,
    title="RAM is below v2's minimum of 4 GB",
    severity=Severity.ACTION,
    basis=Basis.LIMIT,
    source="v2 specification: instances.ram is at least 4 GB; v1 allowed 2 GB until about September 2025",
    remedy=Remedy(
        text="Scale RAM to 4 GB. This causes one failover.",
        command="/pg cluster resize {name} --ram 4",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --ram 4GB",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_minimum("properties.ram", facts.cluster.ram_mb, MINIMUM_MB)


def judge_minimum(name: str, size_mb: int | None, least_mb: int) -> Verdict:
    """Return found where the size in the field of this name is below v2's minimum."""
    if size_mb is None:
        return unstated(name)
    if size_mb <= 0:
        return Inconclusive(f"{name} in v1 is {size_mb} MB, which is not a possible size")
    why = "It is unknown how IONOS's own migration handles such a cluster."
    return Found.of(name, f"{size_mb} MB", why=why) if size_mb < least_mb else QUIET
