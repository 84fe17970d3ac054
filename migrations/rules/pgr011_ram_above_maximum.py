"""RAM above v2's maximum of 240 GB.

Source: ionos-v2.openapi.yaml, InstanceConfiguration.ram (maximum 240, in GB); v1 has no published maximum.
What the vendor's own migration makes of such a cluster is not known.
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Severity, Verdict, unstated

MAXIMUM_MB = 240 * 1024

rule = Rule(
    module=__name__,
    title="RAM is above v2's maximum of 240 GB",
    severity=Severity.BLOCKER,
    basis=Basis.LIMIT,
    source="v2 specification: instances.ram is at most 240 GB; v1 publishes no maximum",
    remedy=Remedy(
        text="Scale RAM down to 240 GB, or ask IONOS support. Scaling causes one failover.",
        command="/pg cluster resize {name} --ram 240",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --ram 240GB",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_maximum("properties.ram", facts.cluster.ram_mb, MAXIMUM_MB)


def judge_maximum(name: str, size_mb: int | None, most_mb: int) -> Verdict:
    """Return found where the size in the field of this name is above v2's maximum."""
    if size_mb is None:
        return unstated(name)
    why = "It is unknown how IONOS's own migration handles such a cluster."
    return Found.of(name, f"{size_mb} MB", why=why) if size_mb > most_mb else QUIET
