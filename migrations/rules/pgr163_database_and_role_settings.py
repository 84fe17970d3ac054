"""Databases or roles have settings of their own.

Source: PostgreSQL documentation, ALTER DATABASE and ALTER ROLE … SET: a dump of one database leaves out
those of roles.
"""

from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity


def _describe(item: PartItem) -> str:
    value = " = " + item.text("value") if item.values.get("value") is not None else ", value not shown"
    role, database = item.text("role") or "every role", item.text("database") or "every database"
    return f"{item.text('name')}{value} (for {role} in {database})"


rule = PartRule(
    module=__name__,
    title="Some databases or roles have their own settings",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, pg_dump: the dump of a database does not include role settings",
    remedy=Remedy(
        text="After the move, compare them with pgbot precheck --after, and set the missing ones again.",
        sql=(
            "SELECT d.datname, r.rolname, s.setconfig FROM pg_db_role_setting s\n"
            "LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = "
            "s.setrole;"
        ),
    ),
    part="database_and_role_settings",
    shows=_describe,
)
