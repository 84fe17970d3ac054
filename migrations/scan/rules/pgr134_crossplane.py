"""Crossplane manages clusters.

Source: IONOS's Crossplane provider spoke v1 only in August 2026 (ionos-api-notes, section 0, XP).
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import CrossplaneManifest
from migrations.scan.scan_rule import ScanMatch, ScanRule

rule = ScanRule(
    module=__name__,
    title="Crossplane, whose provider speaks v1 only",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="Crossplane provider as of August 2026: no v2 types",
    remedy=Remedy(
        text="Wait for the provider's support of v2, and have it orphan the cluster rather than delete it if"
        " the cluster moves before."
    ),
)


@rule.on(CrossplaneManifest)
def manifest(use: CrossplaneManifest) -> ScanMatch:
    return ScanMatch(f"kind: {use.kind}")
