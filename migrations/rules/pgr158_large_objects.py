"""Large objects exist.

Source: PostgreSQL documentation, pg_dump: large objects are left out of a dump of single schemas or tables.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.part_verdict import judge_part
from migrations.precheck.precheck_report import PartItem
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Large objects are in use",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, pg_dump: a dump of a schema or table leaves large objects out",
    remedy=Remedy(
        text="Dump whole databases, plan the time that many of them take, and count them after the move.",
        sql="SELECT count(*) FROM pg_largeobject_metadata;",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "large_objects", _describe)


def _describe(item: PartItem) -> str:
    return f"{item.number('number'):,.0f} large objects, {item.number('bytes') / 1024**2:,.0f} MB"
