"""Transactions are prepared and not finished.

Source: PostgreSQL documentation, pg_upgrade: it refuses a server with prepared transactions; a dump does
not have them.
"""

from migrations.facts import ClusterFacts, FactNeed
from migrations.precheck.part_verdict import judge_part
from migrations.precheck.precheck_report import PartItem
from migrations.rule import Basis, Remedy, Rule, Scope, Severity, Verdict

rule = Rule(
    module=__name__,
    title="Prepared transactions are open",
    severity=Severity.BLOCKER,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, pg_upgrade: prepared transactions must be finished first",
    remedy=Remedy(
        text="Commit or roll back each one in its database. Its transaction manager knows which.",
        sql=(
            "SELECT gid, prepared, owner, database FROM pg_prepared_xacts ORDER BY prepared;\n"
            "-- In its database: COMMIT PREPARED 'gid'; or ROLLBACK PREPARED 'gid';"
        ),
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.PRECHECK}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    return judge_part(facts, "prepared_transactions", _describe)


def _describe(item: PartItem) -> str:
    place = f"of {item.text('owner')} in database {item.text('database')}"
    return f"{item.text('name')} {place}, since {item.text('prepared')}"
