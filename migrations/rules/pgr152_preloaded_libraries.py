"""Libraries are loaded when the server or a session starts.

Source: PostgreSQL documentation, shared library preloading. v2 has no property for it
(ionos-v2.openapi.yaml).
"""

from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity

rule = PartRule(
    module=__name__,
    title="The server preloads libraries",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="v2 specification: clusters do not have a property for preloaded libraries",
    remedy=Remedy(
        text="Ask IONOS which libraries v2 preloads, and which extensions here need one.",
        sql="SHOW local_preload_libraries;",
    ),
    part="preloaded_libraries",
    shows="{setting} = {value}",
)
