"""Functions are written in other languages than SQL and PL/pgSQL.

Source: PostgreSQL documentation, procedural languages: each needs its extension, an untrusted one a
superuser.
"""

from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity


def _describe(item: PartItem) -> str:
    trust = "" if item.values.get("trusted") is True else ", untrusted"
    return f"{item.text('name')}{trust}: {item.number('functions'):,.0f} functions"


rule = PartRule(
    module=__name__,
    title="Some functions need additional languages",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="PostgreSQL manual, procedural languages: each must be installed on the server",
    remedy=Remedy(
        text="Check that v2 offers the language, or rewrite the functions in PL/pgSQL.",
        sql="SELECT lanname, lanpltrusted FROM pg_language;",
    ),
    part="languages",
    shows=_describe,
)
