"""Tablespaces of its own exist.

Source: PostgreSQL documentation, tablespaces: one is a folder of the server. v2 has no property for it.
"""

from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity

rule = PartRule(
    module=__name__,
    title="v2 does not support tablespaces",
    severity=Severity.ACTION,
    basis=Basis.INFERRED,
    source="v2 specification: a cluster has one storage volume and no property for tablespaces",
    remedy=Remedy(
        text="Move their contents to pg_default.",
        sql="SELECT spcname FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global');",
    ),
    part="tablespaces",
    shows="{name} of {owner}",
)
