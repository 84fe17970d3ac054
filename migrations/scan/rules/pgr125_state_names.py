"""The program waits for, or decides by, a state that v2 does not have.

Source: v2's states are PROVISIONING, AVAILABLE, UPDATING, DESTROYING and FAILED (ionos-v2.openapi.yaml,
ClusterMetadata.state; v1-v2-mapping, section 3).
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import StateWord
from migrations.scan.scan_rule import ScanRule, show

rule = ScanRule(
    module=__name__,
    title="A state that exists only in v1",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: states are PROVISIONING, AVAILABLE, UPDATING, DESTROYING, FAILED",
    remedy=Remedy(
        text=(
            "Replace BUSY with PROVISIONING or UPDATING. v2 has nothing like DEGRADED: check for FAILED "
            "and its statusMessage."
        )
    ),
)

rule.on(StateWord)(show)
