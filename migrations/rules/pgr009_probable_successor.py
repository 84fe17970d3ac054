"""v2 shows another id with the cluster's host name or network: probably its successor, and nobody knows.

Source: v1-v2-mapping, section 5: a hit under another id is a probable successor, which is neither "visible in
v2" nor "migrated". IONOS announced to keep the ids (the Terraform guide of June 2026).
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.rule import QUIET, Basis, Found, NotApplicable, Remedy, Rule, RuleEvidence, Severity, Verdict

rule = Rule(
    module=__name__,
    title="v2 has a probable successor with another id",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source=(
        "inferred: same host name, or same data center, LAN and address, with an id that v1 does not list"
    ),
    remedy=Remedy(
        text=(
            "Compare the two clusters and find out who created the one in v2. It may be a rebuild of "
            "this cluster, or unrelated."
        ),
        command="/pg migration show {name}",
    ),
    needs=frozenset({FactNeed.V2_CLUSTER}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    if facts.v2_cluster is not None:
        return NotApplicable("v2 has a cluster with the same id; see PGR001")
    successor = facts.v2_successor
    if successor is None:
        return QUIET
    call = "v2 GET /clusters"
    seen = (
        RuleEvidence(field="id", value=f"{successor.id} in {successor.region}", call=call),
        RuleEvidence(field="properties.name", value=successor.name or "an empty name", call=call),
    )
    return Found(seen)
