"""Tablespaces of its own exist.

Source: PostgreSQL documentation, tablespaces: one is a folder of the server. v2 has no property for it.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.part_verdict import judge_part
from migrations.precheck.precheck_report import PartItem
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="v2 does not support tablespaces",
    severity=Severity.ACTION,
    basis=Basis.INFERRED,
    source="v2 specification: a cluster has one storage volume and no property for tablespaces",
    remedy=Remedy(
        text="Move their contents to pg_default.",
        sql="SELECT spcname FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global');",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "tablespaces", _describe)


def _describe(item: PartItem) -> str:
    return f"{item.text('name')} of {item.text('owner')}"
