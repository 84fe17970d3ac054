"""The cluster is in no network, which v2 cannot express.

Source: v1 allows an empty list of connections, `connection` is mandatory in v2 (ionos-v2.openapi.yaml; Go
SDK psql/v3). What the vendor's own migration makes of such a cluster is not known.
"""

from bot.domain import Cluster
from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Evidence, Fires, Remedy, Rule, Severity, Verdict, unstated

FIELD = "properties.connections"

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
        return QUIET
    if _is_unread(facts.cluster):
        return unstated(FIELD)
    seen = Evidence(field=FIELD, value="an empty list")
    return Fires((seen,), why="What IONOS's own migration makes of such a cluster is not known.")


def _is_unread(cluster: Cluster) -> bool:
    """Whether the list is empty because the answer left it out, or held something else in its place."""
    return any(odd.startswith((FIELD, "properties:")) for odd in cluster.oddities)
