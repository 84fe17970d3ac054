"""Unlogged tables exist.

Source: PostgreSQL documentation, CREATE TABLE: the content of an unlogged table is not replicated and is
emptied by a crash.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.part_verdict import judge_part
from migrations.precheck.precheck_report import PartItem
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Unlogged tables may lose their rows",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, CREATE TABLE UNLOGGED: emptied after a crash, never replicated",
    remedy=Remedy(
        text="Expect them to be empty after the move. To keep the rows, first run ALTER TABLE … SET LOGGED.",
        sql=("SELECT oid::regclass FROM pg_class WHERE relpersistence = 'u' AND relkind IN ('r', 'p');"),
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "unlogged_tables", _describe)


def _describe(item: PartItem) -> str:
    return f"{item.text('schema')}.{item.text('name')}"
