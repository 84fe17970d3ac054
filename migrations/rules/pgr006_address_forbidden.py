"""The primary's address lies inside the range that v2 forbids.

Source: text of Connection.primaryInstanceAddress (ionos-v2.openapi.yaml) and the guide page "Limitations"
(ionos-api-notes, section 10). v1's own specification allows the range.
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
    Severity,
    Verdict,
    unstated,
)

FIELD = "properties.connections[0].cidr"
FORBIDDEN = IPv4Network("10.208.0.0/12")
REMEDY = Remedy(
    text="Move the cluster to a private address outside 10.208.0.0/12, 10.233.0.0/17 and "
    "192.168.230.0/24. Its DNS record follows the address.",
    command="/pg cluster network {name} --datacenter DATACENTER_ID --lan LAN_ID --address ADDRESS",
    ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} "
    "--datacenter-id DATACENTER_ID --lan-id LAN_ID --cidr ADDRESS",
)

rule = Rule(
    module=__name__,
    title=f"The primary's address is inside {FORBIDDEN}, which v2 forbids",
    severity=Severity.BLOCKER,
    basis=Basis.DOCUMENTED,
    source=(
        f"v2 specification: primaryInstanceAddress must be outside {FORBIDDEN}; also guide page Limitations"
    ),
    remedy=REMEDY,
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_address(facts, FORBIDDEN)


def judge_address(facts: ClusterFacts, *ranges: IPv4Network, why: str = "") -> Verdict:
    """Return found where the primary's address is in one of the ranges, which is put into `why`."""
    if not (facts.cluster.connections or facts.is_unread("properties.connections")):
        return NotApplicable("the cluster has no connection and so no address; see PGR005")
    address = next((each.address for each in facts.cluster.connections), None)
    if address is None:
        return unstated(FIELD)
    try:
        host = IPv4Interface(address).ip
    except ValueError:
        return Inconclusive(f"{FIELD} in v1 is {address[:60]!r}, which is not an IPv4 address")
    taken = next((each for each in ranges if host in each), None)
    return QUIET if taken is None else Found.of(FIELD, address, why=why.format(taken))
