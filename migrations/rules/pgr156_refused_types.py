"""Columns have a type that a later major cannot take over.

Source: PostgreSQL documentation, pg_upgrade: reg* types other than regclass, regrole and regtype; release
notes of 16: aclitem.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import judge_part, upgrade_severity
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Some columns have types that block an upgrade",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, pg_upgrade: columns of these types must be changed first",
    remedy=Remedy(
        text="Change the type of each column, for example to text, or drop the column.",
        sql=(
            "SELECT attrelid::regclass, attname, atttypid::regtype FROM pg_attribute\n"
            "WHERE attrelid >= 16384 AND atttypid::regtype::text IN ('regproc', 'regprocedure',\n"
            "'regoper', 'regoperator', 'regconfig', 'regdictionary', 'regnamespace', 'aclitem');\n"
            "-- For each: ALTER TABLE … ALTER COLUMN … TYPE text;"
        ),
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "refused_types", _describe, severity=upgrade_severity(facts))


def _describe(item: PartItem) -> str:
    since = (
        f", refused by PostgreSQL {item.text('refused_from')} and later"
        if item.number("refused_from")
        else ""
    )
    column = f"{item.text('schema')}.{item.text('table')}.{item.text('column')}"
    return f"{column} is {item.text('type')} ({item.text('cause')}{since})"
