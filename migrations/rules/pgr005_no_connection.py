"""The cluster is in no network, which v2 cannot express.

Source: v1 allows an empty list of connections, `connection` is mandatory in v2 (ionos-v2.openapi.yaml; Go
SDK psql/v3). What the vendor's own migration makes of such a cluster is not known. Both specifications
describe a connection as a data center's UUID, a LAN's number and an address with its prefix length: of one
in another form nobody can tell whether v2 takes it.
"""

import re

from bot.domain.cluster import Connection
from migrations.facts import ClusterFacts
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    Inconclusive,
    Remedy,
    Rule,
    RuleEvidence,
    Severity,
    Verdict,
    unstated,
)

FIELD = "properties.connections"
LAN = re.compile(r"[0-9]{1,9}")
"""A LAN's number, which both APIs write as a string."""

_DATACENTER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WITHOUT_PREFIX = re.compile(r"[0-9]+(\.[0-9]+){3}")

rule = Rule(
    module=__name__,
    title="The cluster has no connection, and v2 demands one",
    severity=Severity.BLOCKER,
    basis=Basis.DOCUMENTED,
    source="v1 specification: connections may be empty; v2 specification: connection is mandatory",
    remedy=Remedy(
        text="Attach a LAN of a data center in the same location.",
        command="/pg cluster network {name} --datacenter DATACENTER_ID --lan LAN_ID --address ADDRESS",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} "
        "--datacenter-id DATACENTER_ID --lan-id LAN_ID --cidr ADDRESS",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    if facts.cluster.connections:
        return _whole(facts.cluster.connections[0])
    if facts.is_unread(FIELD):
        return unstated(FIELD)
    seen = RuleEvidence(field=FIELD, value="an empty list")
    return Found((seen,), why="What IONOS's own migration makes of such a cluster is not known.")


def _whole(given: Connection) -> Verdict:
    """Return quiet where the connection is one that v2 describes; PGR006 and PGR007 check its address."""
    datacenter, lan, address = given.datacenter_id, given.lan_id, given.address
    first = f"{FIELD}[0]"
    if datacenter is None:
        return unstated(f"{first}.datacenterId")
    if not _DATACENTER.fullmatch(datacenter):
        return Inconclusive(f"v1 says {first}.datacenterId {datacenter[:60]!r}, which is not a UUID")
    if lan is None:
        return unstated(f"{first}.lanId")
    if not LAN.fullmatch(lan):
        return Inconclusive(f"v1 says {first}.lanId {lan[:60]!r}, which is not a number")
    if address is not None and _WITHOUT_PREFIX.fullmatch(address):
        return Inconclusive(f"v1 says {first}.cidr {address[:60]!r} without a prefix length, which v2 wants")
    return QUIET
