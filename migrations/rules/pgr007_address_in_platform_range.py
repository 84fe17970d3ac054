"""The primary's address lies inside a range that the guide calls unavailable, for either API.

Source: guide page "Limitations", which does not split its ranges by API; v1's specification forbids the two
in 10.233.0.0/16 for new connections, v2's names neither (ionos-api-notes, section 10). PGR006 has the
fourth range.
"""

from ipaddress import IPv4Interface, IPv4Network

from migrations.facts import ClusterFacts
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    Inconclusive,
    NotApplicable,
    Remedy,
    Rule,
    RuleEvidence,
    Severity,
    Verdict,
    unstated,
)

FIELD = "properties.connections[0].cidr"
UNAVAILABLE = (IPv4Network("10.233.0.0/18"), IPv4Network("10.233.64.0/18"), IPv4Network("192.168.230.0/24"))

rule = Rule(
    module=__name__,
    title="The primary's address is inside a range that the platform uses",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="Guide page Limitations: 10.233.0.0/18, 10.233.64.0/18 and 192.168.230.0/24 are not available",
    remedy=Remedy(
        text="Move the cluster to a private address outside 10.208.0.0/12, 10.233.0.0/17 and "
        "192.168.230.0/24. Its DNS record follows the address.",
        command="/pg cluster network {name} --datacenter DATACENTER_ID --lan LAN_ID --address ADDRESS",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} "
        "--datacenter-id DATACENTER_ID --lan-id LAN_ID --cidr ADDRESS",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    if not (facts.cluster.connections or facts.is_unread("properties.connections")):
        return NotApplicable("the cluster has no connection and so no address; see PGR005")
    address = next((each.address for each in facts.cluster.connections), None)
    if address is None:
        return unstated(FIELD)
    try:
        host = IPv4Interface(address).ip
    except ValueError:
        return Inconclusive(f"{FIELD} in v1 is {address[:60]!r}, which is not an IPv4 address")
    taken = next((each for each in UNAVAILABLE if host in each), None)
    if taken is None:
        return QUIET
    why = f"It is in {taken}. The guide does not say whether this applies to v1, v2 or both."
    return Found((RuleEvidence(field=FIELD, value=address),), why=why)
