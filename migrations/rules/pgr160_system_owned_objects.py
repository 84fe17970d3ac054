"""Objects in the databases belong to roles of the platform.

Source: PostgreSQL documentation, ALTER … OWNER: only a superuser restores an object for a role that it is
no member of.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.part_verdict import judge_part
from migrations.precheck.precheck_report import PartItem
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Some objects belong to system roles",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="PostgreSQL manual, pg_restore: without a superuser, owners may be lost",
    remedy=Remedy(
        text="Find out who uses them. Before the move, give your own objects to one of your roles.",
        sql="SELECT oid::regclass, relowner::regrole FROM pg_class WHERE oid >= 16384 AND relowner = 10;",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "system_owned", _describe)


def _describe(item: PartItem) -> str:
    return f"{item.text('kind')} {item.text('schema')}.{item.text('name')} of {item.text('owner')}"
