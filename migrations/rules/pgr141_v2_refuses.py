"""v2 answered 401 or 403, so that the rules that need it cannot be checked.

Source: both statuses are documented for every v2 operation (ionos-api-notes, section 12); what they mean for
the cluster is inferred: nothing. It declares no needs, because it is about facts that are missing: a reason
that names the status is what it looks for.
"""

import re

from migrations.facts import NOT_FETCHED, ClusterFacts, MissingFact
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    Inconclusive,
    Remedy,
    Rule,
    RuleEvidence,
    Scope,
    Severity,
    Verdict,
)

_REFUSED = re.compile(r"\b40[13]\b")

rule = Rule(
    module=__name__,
    title="v2 refused requests, so some rules could not be checked",
    severity=Severity.INFO,
    basis=Basis.INFERRED,
    source=(
        "inferred: a 401 or 403 from v2 says nothing about the cluster, so rules that need v2 are "
        "inconclusive"
    ),
    remedy=Remedy(
        text=(
            "Give the contract a token that may read PostgreSQL in v2 in this region, then check again. "
            "Until then, every rule that needs v2 is inconclusive."
        ),
        command="/pg migration show {name}",
    ),
    scope=Scope.GENERAL,
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    asked = {
        "v2 GET /versions": facts.v2_versions,
        "v2 GET /backup-locations": facts.v2_locations,
        "v2 GET /clusters/{id}": facts.v2_cluster,
    }
    missing = {call: fact.why for call, fact in asked.items() if isinstance(fact, MissingFact)}
    refused = {call: why for call, why in missing.items() if _REFUSED.search(why)}
    if refused:
        seen = tuple(RuleEvidence(field="httpStatus", value=why, call=call) for call, why in refused.items())
        return Found(seen, why=f"Refused: {', '.join(refused)}.")
    failed = [why for why in missing.values() if why != NOT_FETCHED.why]
    if not failed and len(missing) < len(asked):
        return QUIET
    return Inconclusive((failed or [NOT_FETCHED.why])[0])
