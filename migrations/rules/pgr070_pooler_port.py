"""The connection pooler is on, and its port on v2 is not documented.

Source: v1's pooler listens on 6432 instead of 5432 (ionos-api-notes, section 10); v2 has the same modes under
other words (v1-v2-mapping, section 3) and publishes no port.
"""

from migrations.facts import ClusterFacts
from migrations.rule import (
    Basis,
    Found,
    Inconclusive,
    NotApplicable,
    Remedy,
    Rule,
    Severity,
    Verdict,
    unstated,
)

OFF = "disabled"
FIELD = "properties.connectionPooler"

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
    mode = find_mode(facts)
    return Found.of(f"{FIELD}.poolMode", mode or "empty") if isinstance(mode, str) else mode


def find_mode(facts: ClusterFacts) -> str | NotApplicable | Inconclusive:
    """Return the mode of a pooler that is on, which may be empty, or the verdict of a rule about it."""
    mode = facts.cluster.pooler
    if mode is None and facts.is_unread(FIELD):
        return unstated(FIELD)
    if mode is None or mode == OFF:
        # v1 leaves the pooler out where it is off (v1-v2-mapping, section 3).
        return NotApplicable("the connection pooler is off")
    return mode
