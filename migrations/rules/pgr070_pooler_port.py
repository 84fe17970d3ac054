"""The connection pooler is on, and its port on v2 is not documented.

Source: v1's pooler listens on 6432 instead of 5432 (ionos-api-notes, section 10); v2 has the same modes under
other words (v1-v2-mapping, section 3) and publishes no port.
"""

from migrations.facts import ClusterFacts
from migrations.rule import (
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

OFF = "disabled"
FIELD = "properties.connectionPooler"
NO_POOLER = NotApplicable("the connection pooler is off")

rule = Rule(
    module=__name__,
    title="The connection pooler is on, and its v2 port is not documented",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v1 guide: the pooler listens on 6432; v2 specification: connectionPooler has modes but no port",
    remedy=Remedy(
        text="List the clients that connect to port 6432. After the move, test the pooler's port first."
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
    return Found((RuleEvidence(field=f"{FIELD}.poolMode", value=mode or "empty"),))
