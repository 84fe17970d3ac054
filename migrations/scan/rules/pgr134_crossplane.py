"""Crossplane manages clusters.

Source: IONOS's Crossplane provider spoke v1 only in August 2026 (ionos-api-notes, section 0, XP). The one
made of the Terraform provider has v1 in the group postgresql.ionoscloud.io and v2 in
postgresqlv2.ionoscloud.io (its examples).
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import CrossplaneManifest
from migrations.scan.scan_rule import ScanMatch, ScanRule

rule = ScanRule(
    module=__name__,
    title="Crossplane, in a type of v1",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="Crossplane providers as of August 2026: v2 types in provider-upjet-ionoscloud only",
    remedy=Remedy(
        text="Wait for the provider's support of v2, and have it orphan the cluster rather than delete it if"
        " the cluster moves before."
    ),
)

HAS_V2 = Remedy(
    text="Declare the cluster in the group postgresqlv2.ionoscloud.io, and have the old object orphan it"
    " rather than delete it."
)


@rule.on(CrossplaneManifest)
def manifest(use: CrossplaneManifest) -> ScanMatch:
    return ScanMatch(f"kind: {use.kind}", None if use.group.endswith("crossplane.io") else HAS_V2)
