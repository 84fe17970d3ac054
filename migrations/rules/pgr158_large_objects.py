"""Large objects exist.

Source: PostgreSQL documentation, pg_dump: large objects are left out of a dump of single schemas or tables.
"""

from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity


def _describe(item: PartItem) -> str:
    return f"{item.number('number'):,.0f} large objects, {item.number('bytes') / 1024**2:,.0f} MB"


rule = PartRule(
    module=__name__,
    title="The databases use large objects",
    severity=Severity.ADVICE,
    basis=Basis.DOCUMENTED,
    source="PostgreSQL manual, pg_dump: a dump of a schema or table omits large objects",
    remedy=Remedy(
        text="Dump whole databases and allow time for it. Count the large objects after the move.",
        sql="SELECT count(*) FROM pg_largeobject_metadata;",
    ),
    part="large_objects",
    shows=_describe,
)
