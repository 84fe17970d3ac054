"""Crossplane manages clusters.

Source: provider-ionoscloud spoke v1 only in August 2026 (ionos-api-notes, section 0, XP).
provider-upjet-ionoscloud, made of the Terraform provider, has v1 in the group postgresql.ionoscloud.io and,
since v0.5.4, v2 in postgresqlv2.ionoscloud.io (its examples). As long as there was nothing to change to, this
was info; since then it is an action: Crossplane deletes the cluster of an object that is removed, unless told
otherwise.
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import CrossplaneManifest
from migrations.scan.scan_rule import ScanMatch, ScanRule

rule = ScanRule(
    module=__name__,
    title="Crossplane object with a v1 type",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="Crossplane providers, August 2026: v2 types only in provider-upjet-ionoscloud, since v0.5.4",
    remedy=Remedy(
        text=(
            "This provider has no v2 types. provider-upjet-ionoscloud v0.5.4 and later has them in the "
            "group postgresqlv2.ionoscloud.io. Before you remove this object, set deletionPolicy: "
            "Orphan on it, or the cluster is deleted."
        )
    ),
)

HAS_V2 = Remedy(
    text=(
        "Declare the cluster in the group postgresqlv2.ionoscloud.io (provider v0.5.4 or later). Before "
        "you remove this object, set deletionPolicy: Orphan on it, or the cluster is deleted. For an "
        "object in a namespace, set managementPolicies without Delete."
    )
)


@rule.on(CrossplaneManifest)
def manifest(use: CrossplaneManifest) -> ScanMatch:
    return ScanMatch(f"kind: {use.kind}", None if use.group.endswith("crossplane.io") else HAS_V2)
