"""Replication mode SYNCHRONOUS, which v2 does not have.

Source: ionos-v1.openapi.yaml, SynchronizationMode (SYNCHRONOUS is deprecated); ionos-v2.openapi.yaml,
PostgresClusterReplicationMode (no such value). The notice on status.ionos.cloud of 2026 says that IONOS
changes such clusters to ASYNCHRONOUS itself, with a restart (ionos-api-notes, section 10).
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Inconclusive, Remedy, Rule, Severity, Verdict, unstated

KEPT_BY_V2 = frozenset({"ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"})

rule = Rule(
    module=__name__,
    title="Replication mode SYNCHRONOUS does not exist in v2",
    severity=Severity.BLOCKER,
    basis=Basis.DOCUMENTED,
    source="v2 specification: replicationMode is ASYNCHRONOUS or STRICTLY_SYNCHRONOUS; status notice of 2026",
    remedy=Remedy(
        text=(
            "Choose ASYNCHRONOUS, which can lose the newest transactions in a failover. To lose none, "
            "scale to 3 instances first, then choose STRICTLY_SYNCHRONOUS."
        ),
        command="/pg cluster replication {name}",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    mode = facts.cluster.replication
    if mode is None:
        return unstated("properties.synchronizationMode")
    if mode in KEPT_BY_V2:
        return QUIET
    if mode != "SYNCHRONOUS":
        return Inconclusive(
            f"properties.synchronizationMode in v1 is {mode!r}, which is not a documented mode"
        )
    why = (
        "IONOS announced that it changes such clusters to ASYNCHRONOUS, with a restart, in their first "
        "maintenance window after 4 May 2026."
    )
    return Found.of("properties.synchronizationMode", mode, why=why)
