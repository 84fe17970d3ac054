"""Foreign servers are declared.

Source: PostgreSQL documentation, CREATE SERVER and CREATE USER MAPPING: they hold addresses and passwords
of other servers.
"""

from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity


def _describe(item: PartItem) -> str:
    return f"{item.text('name')} ({item.text('wrapper')}), {item.number('user_mappings'):,.0f} user mappings"


rule = PartRule(
    module=__name__,
    title="The databases connect to foreign servers",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="PostgreSQL manual, CREATE SERVER: the database itself connects to other servers",
    remedy=Remedy(
        text="Check that the new cluster can reach them and that their firewalls allow it.",
        sql="SELECT srvname, srvoptions FROM pg_foreign_server;",
    ),
    part="foreign_servers",
    shows=_describe,
)
