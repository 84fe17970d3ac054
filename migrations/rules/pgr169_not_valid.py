"""Indexes or constraints are not valid.

Source: PostgreSQL documentation, CREATE INDEX CONCURRENTLY and ADD CONSTRAINT … NOT VALID.
"""

from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity

rule = PartRule(
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
    part="not_valid",
    shows="{kind} {name} on {schema}.{table}",
)
