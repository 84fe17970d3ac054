"""The cluster has databases of its own, and v2 has no databases endpoint.

Source: ionos-v2.openapi.yaml has no path for databases; a cluster has one initial database, in `credentials`
(v1-v2-mapping, section 4).
"""

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
from migrations.rules.pgr104_no_database_fits import CALL, is_own

rule = Rule(
    module=__name__,
    title="v2 has no API to manage databases",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="v2 specification: no databases endpoint, one initial database in credentials",
    remedy=Remedy(
        text="Your databases stay. Manage them with SQL.",
        command="/pg database list {name}",
        sql="SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE NOT datistemplate ORDER BY 1;",
    ),
    scope=Scope.CLIENTS,
    needs=frozenset({FactNeed.DATABASES}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    databases = sorted(known(facts.databases), key=lambda database: database.name)
    own = [database.name or "an empty name" for database in databases if is_own(database)]
    if own:
        return Found(tuple(RuleEvidence(field="properties.name", value=name, call=CALL) for name in own))
    unclear = next((database.name for database in databases if is_own(database) is None), None)
    return QUIET if unclear is None else unstated(f"metadata.createdBy of {unclear}")
