"""Transactions are prepared and not finished.

Source: PostgreSQL documentation, pg_upgrade: it refuses a server with prepared transactions; a dump does
not have them.
"""

from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity

rule = PartRule(
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
    part="prepared_transactions",
    shows="{name} of {owner} in database {database}, since {prepared}",
)
