"""The cluster has a DNS name, which v2 shows in another place and may or may not keep.

Source: v1 `properties.dnsName`, v2 `metadata.dnsName` (v1-v2-mapping, section 3). Whether the name stays the
same when the vendor moves the cluster is not known (v1-v2-mapping, section 1).
"""

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Found, Remedy, Rule, Severity, Verdict, unstated

rule = Rule(
    module=__name__,
    title="The DNS name is in another field in v2",
    severity=Severity.ADVICE,
    basis=Basis.LIMIT,
    source="v1 properties.dnsName, v2 metadata.dnsName; inferred: the name could change",
    remedy=Remedy(
        text=(
            "In v2, read the name from metadata.dnsName. After the move, check whether it is still the same."
        ),
        command="/pg cluster show {name}",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    name = facts.cluster.dns_name
    if not name:
        return unstated("properties.dnsName")
    return Found.of("properties.dnsName", name, why="It is unknown whether the move keeps the name.")
