"""A rebuild on v2 beside the old cluster needs room in the contract for both.

Source: clusters, CPU, RAM and storage count against the contract's quotas (ionos-api-notes, section 3); that
a second cluster counts in full while both exist is inferred.
"""

from bot.domain.byte_sizes import format_cores, format_gigabytes
from bot.domain.cluster import Cluster
from migrations.facts import ClusterFacts
from migrations.rule import Basis, Inconclusive, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="A rebuild beside the old cluster needs quota for a second cluster",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source=(
        "guide: clusters, CPU, RAM and storage count against the quotas; inferred: a second cluster "
        "counts too"
    ),
    remedy=Remedy(
        text=(
            "Check that the contract's quota allows a second cluster for a while, or wait for IONOS's "
            "own migration."
        ),
        command="/pg cluster show {name}",
    ),
    scope=Scope.GENERAL,
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return Inconclusive(
        "only you know whether to rebuild the cluster or wait for IONOS's own migration",
        question=(
            "Do you plan to rebuild the cluster in v2 beside the old one? If so, does the contract have "
            f"quota for {_size(facts.cluster)}?"
        ),
    )


def _size(cluster: Cluster) -> str:
    number, cores, ram, storage = cluster.instances, cluster.cores, cluster.ram_mb, cluster.storage_mb
    if number is None or cores is None or ram is None or storage is None:
        return "a second cluster of its size"
    sizes = f"{format_gigabytes(number * ram)} of RAM and {format_gigabytes(number * storage)} of storage"
    return f"one more cluster, with another {format_cores(number * cores)}, {sizes}"
