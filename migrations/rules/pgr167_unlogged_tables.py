"""Unlogged tables exist.

Source: PostgreSQL documentation, CREATE TABLE: the content of an unlogged table is not replicated and is
emptied by a crash.
"""

from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity

rule = PartRule(
    module=__name__,
    title="Unlogged tables may lose their rows",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, CREATE TABLE UNLOGGED: emptied after a crash, never replicated",
    remedy=Remedy(
        text="Expect them to be empty after the move. To keep the rows, first run ALTER TABLE … SET LOGGED.",
        sql=("SELECT oid::regclass FROM pg_class WHERE relpersistence = 'u' AND relkind IN ('r', 'p');"),
    ),
    part="unlogged_tables",
    shows="{schema}.{name}",
)
