"""STRICTLY_SYNCHRONOUS with fewer than the 3 instances that v2 asks for.

Source: ionos-v2.openapi.yaml, PostgresClusterReplicationMode (at least 3 instances). The guide page "update
replication mode" says that with fewer the database can become read-only (ionos-api-notes, section 10).
"""

from migrations.facts import ClusterFacts
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    NotApplicable,
    Remedy,
    Rule,
    RuleEvidence,
    Severity,
    Verdict,
    unstated,
)

MINIMUM_INSTANCES = 3

rule = Rule(
    module=__name__,
    title="STRICTLY_SYNCHRONOUS replication needs at least 3 instances in v2",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: STRICTLY_SYNCHRONOUS needs at least 3 instances; guide on the replication mode",
    remedy=Remedy(
        text="Scale to 3 instances. With fewer, the database can become read-only.",
        command="/pg cluster resize {name} --instances 3",
        ionosctl="ionosctl dbaas postgres cluster update --cluster-id {id} --instances 3",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    mode, instances = facts.cluster.replication, facts.cluster.instances
    if mode is None:
        return unstated("properties.synchronizationMode")
    if mode != "STRICTLY_SYNCHRONOUS":
        return NotApplicable(f"replication is {mode}")
    if instances is None:
        return unstated("properties.instances")
    if instances >= MINIMUM_INSTANCES:
        return QUIET
    return Found(
        (
            RuleEvidence(field="properties.synchronizationMode", value=mode),
            RuleEvidence(field="properties.instances", value=str(instances)),
        )
    )
