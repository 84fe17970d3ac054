"""Indexes or constraints are not valid.

Source: PostgreSQL documentation, CREATE INDEX CONCURRENTLY and ADD CONSTRAINT … NOT VALID.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.part_verdict import judge_part
from migrations.precheck.precheck_report import PartItem
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Some indexes or constraints are not valid",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual: queries do not use an invalid index; an invalid constraint was not checked",
    remedy=Remedy(
        text=(
            "Rebuild or drop each index, and validate each constraint. Rows that violate a constraint "
            "would stop a restore."
        ),
        sql=(
            "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid;\n"
            "SELECT conrelid::regclass, conname FROM pg_constraint WHERE NOT convalidated;"
        ),
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "not_valid", _describe)


def _describe(item: PartItem) -> str:
    return f"{item.text('kind')} {item.text('name')} on {item.text('schema')}.{item.text('table')}"
