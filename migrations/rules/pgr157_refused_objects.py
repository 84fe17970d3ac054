"""Objects or databases exist that a later major does not take over.

Source: PostgreSQL release notes of 14 (postfix operators, array functions, encoding conversions) and 18
(NOT NULL);
pg_upgrade needs to connect to every database.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import judge_part, upgrade_severity
from migrations.rule import Basis, Clear, Found, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Some objects block an upgrade",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, pg_upgrade, and release notes of 14 and 18",
    remedy=Remedy(
        text="Drop or rewrite each object before an upgrade. Allow connections to every database.",
        sql="SELECT datname FROM pg_database WHERE NOT datallowconn AND NOT datistemplate;",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    severity = upgrade_severity(facts)
    objects = judge_part(facts, "refused_objects", _describe, severity=severity)
    closed = judge_part(facts, "databases", _describe, keep=_is_closed, severity=severity)
    return objects if isinstance(objects, Found) or isinstance(closed, Clear) else closed


def _describe(item: PartItem) -> str:
    if item.database is None:
        return f"database {item.text('name')} does not allow connections"
    name = f"{item.text('schema')}.{item.text('name')}"
    return f"{item.text('kind')} {name}, refused by PostgreSQL {item.text('refused_from')} and later"


def _is_closed(item: PartItem) -> bool:
    return item.values.get("takes_connections") is False
