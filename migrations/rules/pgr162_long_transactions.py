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
    title="Transactions are open for long",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="PostgreSQL manual, routine vacuuming: old transactions keep dead rows",
    remedy=Remedy(
        text="End them before the move, and find out what leaves them open.",
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
