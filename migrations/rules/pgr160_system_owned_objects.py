"""Objects in the databases belong to roles of the platform.

Source: PostgreSQL documentation, ALTER … OWNER: only a superuser restores an object for a role that it is
no member of.
"""

from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity

rule = PartRule(
    module=__name__,
    title="Some objects belong to system roles",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="PostgreSQL manual, pg_restore: without a superuser, owners may be lost",
    remedy=Remedy(
        text="Find out who uses them. Before the move, give your own objects to one of your roles.",
        sql="SELECT oid::regclass, relowner::regrole FROM pg_class WHERE oid >= 16384 AND relowner = 10;",
    ),
    part="system_owned",
    shows="{kind} {schema}.{name} of {owner}",
)
