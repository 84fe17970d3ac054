"""The pooler's mode is empty, or a word that neither API documents.

Source: answers for old clusters have been seen with `poolMode: ""` (issue 681 of the Terraform provider;
ionos-v1.openapi.yaml, ConnectionPooler); transaction is v1's default (ionos-api-notes, section 10).
"""

from migrations.facts import ClusterFacts
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, Severity, Verdict
from migrations.rules.pgr070_pooler_port import FIELD, find_mode

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
    mode = find_mode(facts)
    if not isinstance(mode, str):
        return mode
    if mode in DOCUMENTED:
        return QUIET
    why = "v2 will probably show TRANSACTION, because that is v1's default."
    return Found.of(f"{FIELD}.poolMode", mode or "empty", why=why)
