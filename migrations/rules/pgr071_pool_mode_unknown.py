"""The pooler's mode is empty, or a word that neither API documents.

Source: answers for old clusters have been seen with `poolMode: ""` (issue 681 of the Terraform provider;
ionos-v1.openapi.yaml, ConnectionPooler); transaction is v1's default (ionos-api-notes, section 10).
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, RuleEvidence, Severity, Verdict, unstated
from migrations.rules.pgr070_pooler_port import FIELD, NO_POOLER, OFF

DOCUMENTED = frozenset({"transaction", "session"})

rule = Rule(
    module=__name__,
    title="The pooler's mode is empty or unknown",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source='Terraform provider, issue 681: old v1 clusters return poolMode ""',
    remedy=Remedy(
        text="Treat it as transaction. Or set the mode, so that you can compare both APIs.",
        command="/pg cluster pooler {name} --mode transaction",
    ),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    mode = facts.cluster.pooler
    if mode is None:
        # v1 leaves the pooler out where it is off (v1-v2-mapping, section 3).
        return unstated(FIELD) if facts.is_unread(FIELD) else NO_POOLER
    if mode == OFF:
        return NO_POOLER
    if mode in DOCUMENTED:
        return QUIET
    seen = RuleEvidence(field=f"{FIELD}.poolMode", value=mode or "empty")
    return Found((seen,), why="v2 will probably show TRANSACTION, because that is v1's default.")
