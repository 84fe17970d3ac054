"""Transactions have been open for more than an hour.

Source: PostgreSQL documentation, routine vacuuming: an open transaction keeps old rows, and a switch-over
waits for or ends it.
"""

from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity

rule = PartRule(
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
    part="long_transactions",
    shows="{role} in database {database}, {state}, since {began}",
)
