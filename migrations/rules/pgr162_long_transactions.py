"""Transactions have been open for more than an hour.

Source: PostgreSQL documentation, routine vacuuming: an open transaction keeps old rows, and a switch-over
waits for or ends it.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.part_verdict import judge_part
from migrations.precheck.precheck_report import PartItem
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Some transactions have been open for a long time",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="PostgreSQL manual, routine vacuuming: old transactions keep dead rows",
    remedy=Remedy(
        text="Find out what keeps them open, and end them before the move.",
        sql=(
            "SELECT pid, usename, datname, state, xact_start FROM pg_stat_activity\n"
            "WHERE xact_start IS NOT NULL ORDER BY xact_start;"
        ),
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "long_transactions", _describe)


def _describe(item: PartItem) -> str:
    place = f"{item.text('role')} in database {item.text('database')}"
    return f"{place}, {item.text('state')}, since {item.text('began')}"
