"""The cluster is in no network, which v2 cannot express.

Source: v1 allows an empty list of connections, `connection` is mandatory in v2 (ionos-v2.openapi.yaml; Go
SDK psql/v3). What the vendor's own migration makes of such a cluster is not known. Both specifications
describe a connection as a data center's UUID, a LAN's number and an address with its prefix length: of one
in another form nobody can tell whether v2 takes it.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Interface

from bot.domain.cluster import Connection
from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Inconclusive, Remedy, Rule, Severity, Verdict, unstated

FIELD = "properties.connections"
LAN = re.compile(r"[0-9]{1,9}")
"""A LAN's number, which both APIs write as a string."""

_DATACENTER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

rule = Rule(
    module=__name__,
    title="The cluster has no network connection, and v2 requires one",
    severity=Severity.BLOCKER,
    basis=Basis.DOCUMENTED,
    source="v1 specification: connections may be empty; v2 specification: connection is mandatory",
    remedy=Remedy(
        text="Connect the cluster to a LAN of a data center in the same location.",
        command="/pg cluster network {name} --datacenter DATACENTER_ID --lan LAN_ID --address ADDRESS",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} "
        "--datacenter-id DATACENTER_ID --lan-id LAN_ID --cidr ADDRESS",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    if facts.cluster.connections:
        # PGR006 and PGR007 check its address.
        odd = next(find_odd_parts(facts.cluster.connections[0]), None)
        return QUIET if odd is None else Inconclusive(odd[1])
    if facts.is_unread(FIELD):
        return unstated(FIELD)
    why = "It is unknown how IONOS's own migration handles such a cluster."
    return Found.of(FIELD, "an empty list", why=why)


def find_odd_parts(given: Connection) -> Iterator[tuple[str, str]]:
    """Yield each part of the connection that is not as v2 describes it, by v1's name, and why.

    An address that is none is left to PGR006 and PGR007.
    """
    first = f"{FIELD}[0]"
    datacenter, lan, address = given.datacenter_id, given.lan_id, given.address
    if datacenter is None:
        yield "datacenterId", unstated(f"{first}.datacenterId").why
    elif not _DATACENTER.fullmatch(datacenter):
        yield "datacenterId", f"{first}.datacenterId in v1 is {datacenter[:60]!r}, which is not a UUID"
    if lan is None:
        yield "lanId", unstated(f"{first}.lanId").why
    elif not LAN.fullmatch(lan):
        yield "lanId", f"{first}.lanId in v1 is {lan[:60]!r}, which is not a number"
    if address is not None and _has_no_prefix(address):
        yield "cidr", f"{first}.cidr in v1 is {address[:60]!r}, without the prefix length that v2 requires"


def _has_no_prefix(address: str) -> bool:
    try:
        return str(IPv4Interface(address)) != address
    except ValueError:
        return False
