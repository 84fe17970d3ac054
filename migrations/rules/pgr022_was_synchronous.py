"""A cluster that is ASYNCHRONOUS now may have been SYNCHRONOUS, and no API tells.

Source: the notice on status.ionos.cloud of 2026: SYNCHRONOUS clusters become ASYNCHRONOUS in their first
maintenance window after 4 May 2026 (ionos-api-notes, section 10). Neither API shows an earlier mode. A
cluster of one instance has no standby that a commit could have waited for.
"""

from dataclasses import replace

from migrations.facts import ClusterFacts
from migrations.rule import Basis, Inconclusive, NotApplicable, Remedy, Rule, Severity, Verdict, unstated

QUESTION = (
    "Was this cluster SYNCHRONOUS before May 2026, and must it keep every committed transaction when "
    "its primary fails?"
)

rule = Rule(
    module=__name__,
    title="The cluster may have been SYNCHRONOUS before IONOS changed it",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="status notice of 2026: SYNCHRONOUS clusters become ASYNCHRONOUS after 4 May 2026",
    remedy=Remedy(
        text=(
            "Ask the owner whether the cluster must never lose a transaction. If so, scale to 3 "
            "instances first, then choose STRICTLY_SYNCHRONOUS."
        ),
        command="/pg cluster replication {name}",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    mode = facts.cluster.replication
    if mode is None:
        return replace(unstated("properties.synchronizationMode"), question=QUESTION)
    if mode != "ASYNCHRONOUS":
        return NotApplicable(f"replication is {mode}")
    if facts.cluster.instances == 1:
        return NotApplicable("the cluster has one instance, so nothing is replicated")
    return Inconclusive("v1 shows the current replication mode, not earlier ones", question=QUESTION)
