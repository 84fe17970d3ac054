"""The cluster is in another state than AVAILABLE.

Source: inferred; v1 publishes its states without describing them. Documented is that FAILED can pass by
itself (issue 97 of the Terraform provider), and that v2 has neither DEGRADED nor UNKNOWN (v1-v2-mapping,
section 4).
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Severity, Verdict, unstated

NOT_STATED = "NOT STATED"
WHILE_IT_LASTS = "The cluster is blocked until that ends."

PASSING = {
    "BUSY": f"A change of the cluster is running. {WHILE_IT_LASTS}",
    "DESTROYING": f"The cluster is being deleted. {WHILE_IT_LASTS}",
}
TROUBLED = {
    "FAILED": "Some v1 clusters reported FAILED briefly and recovered, so check more than once.",
    "DEGRADED": "v1 does not describe this state, and v2 does not have it.",
    "UNKNOWN": "v1 does not describe this state, and v2 does not have it.",
}

rule = Rule(
    module=__name__,
    title="The cluster is not AVAILABLE",
    severity=Severity.BLOCKER,
    basis=Basis.INFERRED,
    source="inferred from v1's states; Terraform provider, issue 97: FAILED can be transient",
    remedy=Remedy(
        text=(
            "Check the cluster again in a few minutes. If it is still not AVAILABLE, contact IONOS support."
        ),
        command="/pg cluster show {name}",
        ionosctl="ionosctl dbaas postgres cluster get --cluster-id {id}",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    state = facts.cluster.state
    if state == NOT_STATED:
        return unstated("metadata.state")
    if state == "AVAILABLE":
        return QUIET
    if state in TROUBLED:
        return Found.of("metadata.state", state, why=TROUBLED[state], severity=Severity.ACTION)
    why = PASSING.get(state, f"v1 does not document this state. {WHILE_IT_LASTS}")
    return Found.of("metadata.state", state, why=why)
