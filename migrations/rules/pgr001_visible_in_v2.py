"""v2 shows a cluster of the same id already, which is not the same as having been moved.

Source: the Terraform guide of June 2026 adopts existing clusters into v2 under the same UUID; whether a
cluster is visible in v2 before its move is unknown (v1-v2-mapping, sections 1 and 5).
"""

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, RuleEvidence, Severity, Verdict

rule = Rule(
    module=__name__,
    title="The cluster is already visible in v2",
    severity=Severity.INFO,
    basis=Basis.LIMIT,
    source="Terraform guide to ionoscloud_pg_cluster_v2: existing clusters are adopted under the same UUID",
    remedy=Remedy(
        text="Compare the cluster in v1 and v2, then move its clients to v2.",
        command="/pg migration show {name}",
    ),
    needs=frozenset({FactNeed.V2_CLUSTER}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    twin = known(facts.v2_cluster)
    if twin is None:
        return QUIET
    call = "v2 GET /clusters/{id}"
    seen = (
        RuleEvidence(field="id", value=f"{twin.id} in {twin.region}", call=call),
        RuleEvidence(field="metadata.state", value=twin.state, call=call),
    )
    return Found(seen, why="This does not prove that the move is finished.")
