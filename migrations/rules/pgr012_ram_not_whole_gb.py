"""RAM that is not a whole number of GB, the only unit that v2 has.

Source: v1's own rule, a multiple of 1024 MB (ionos-api-notes, section 3; Python SDK 3.0.0), so this should
not occur; v2 counts RAM in whole GB (ionos-v2.openapi.yaml, InstanceConfiguration.ram).
"""

from bot.domain.byte_sizes import MB_PER_GB
from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Severity, Verdict, unstated

MINIMUM_GB = 4
"""v1 takes no less by now, whatever the cluster was made with."""

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
    return judge_whole("properties.ram", facts.cluster.ram_mb, MINIMUM_GB)


def judge_whole(name: str, size_mb: int | None, least_gb: int, more: str = "") -> Verdict:
    """Return found where the size in the field of this name is not whole GB; `more` adds to the reason."""
    if size_mb is None:
        return unstated(name)
    fitting = max(size_mb // MB_PER_GB + 1, least_gb)
    why = f"The next whole size is {fitting} GB.{more}"
    return Found.of(name, f"{size_mb} MB", why=why) if size_mb % MB_PER_GB else QUIET
