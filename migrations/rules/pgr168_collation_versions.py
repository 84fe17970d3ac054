"""A collation has changed since its indexes were made.

Source: PostgreSQL documentation, ALTER COLLATION … REFRESH VERSION: indexes of another version may return
wrong results.
"""

from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity


def _describe(item: PartItem) -> str:
    now = item.text("actual") or "none"
    versions = f"built with version {item.text('recorded')}, now {now}"
    return f"{item.text('name')}: {versions}, {item.number('indexes'):,.0f} indexes"


rule = PartRule(
    module=__name__,
    title="Collations have changed since their indexes were built",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, ALTER COLLATION: rebuild dependent objects first",
    remedy=Remedy(
        text=(
            "Rebuild the indexes that use the collation, then refresh its version. Check again after "
            "the move."
        ),
        sql=(
            "SELECT collname, collversion, pg_collation_actual_version(oid) FROM pg_collation\n"
            "WHERE collversion <> pg_collation_actual_version(oid);\n"
            "-- REINDEX INDEX CONCURRENTLY for each index, then ALTER COLLATION … REFRESH VERSION."
        ),
    ),
    part="collation_versions",
    shows=_describe,
)
