"""Users or databases were made by SQL, outside the API.

Source: `createdBy` of what was made outside the API ends in `_unmanaged_` (ionos-v1.openapi.yaml, from the
guide page on users and databases).
"""

from collections.abc import Iterable

from bot.domain.cluster import ClusterDatabase, DbUser
from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    Remedy,
    Rule,
    RuleEvidence,
    Scope,
    Severity,
    Verdict,
    unstated,
)
from migrations.rules.pgr101_user_names_unfit import CALL as USERS
from migrations.rules.pgr104_no_database_fits import CALL as DATABASES

MARK = "_unmanaged_"

rule = Rule(
    module=__name__,
    title="Users or databases were created with SQL",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="v1 guide, users and databases: createdBy ends in _unmanaged_ for objects created with SQL",
    remedy=Remedy(
        text="Keep managing them with SQL. The API does not manage them today either.",
        command="/pg user list {name}",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.USERS, FactNeed.DATABASES}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    users, databases = known(facts.users), known(facts.databases)
    seen = (*_marked("user", users, USERS), *_marked("database", databases, DATABASES))
    if seen:
        return Found(seen)
    both: tuple[DbUser | ClusterDatabase, ...] = (*users, *databases)
    unclear = min((each.name for each in both if not each.created_by), default=None)
    return QUIET if unclear is None else unstated(f"metadata.createdBy of {unclear}")


def _marked(kind: str, things: Iterable[DbUser | ClusterDatabase], call: str) -> Iterable[RuleEvidence]:
    for name in sorted(each.name for each in things if (each.created_by or "").endswith(MARK)):
        yield RuleEvidence(field="metadata.createdBy", value=f"{kind} {name}: {MARK}", call=call)
