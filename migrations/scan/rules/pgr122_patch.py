"""A cluster is changed in part.

Source: v2 has no PATCH; PUT replaces the whole cluster, and what is left out falls back to its default
(ionos-v2.openapi.yaml, PUT /clusters/{clusterId}; ionos-api-notes, section 5). ionosctl's v2 update wants the
database password for the same reason.
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import IonosctlCall, PatchRequest, SdkOperation
from migrations.scan.scan_rule import Found, ScanMatch, ScanRule, show

rule = ScanRule(
    module=__name__,
    title="PATCH, which v2 does not support",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: PUT /clusters/{clusterId} replaces the whole cluster",
    remedy=Remedy(
        text=(
            "Read the cluster, change it, and PUT all of it with the credentials. Never send "
            "restoreFromBackup back."
        ),
        command="/pg cluster show {name}",
    ),
)


@rule.on(PatchRequest)
def request(_use: PatchRequest) -> ScanMatch:
    return ScanMatch("PATCH request")


@rule.on(SdkOperation)
def operation(use: SdkOperation) -> Found:
    return show(use) if use.text == "clusters_patch" else None


@rule.on(IonosctlCall)
def command(use: IonosctlCall) -> Found:
    if (use.resource, use.verb) != ("cluster", "update"):
        return None
    return ScanMatch(
        use.text,
        Remedy(
            text=(
                "Use the v2 command with the cluster's location. It replaces all properties and needs "
                "the database password."
            ),
            ionosctl="ionosctl dbaas postgres-v2 cluster update --location {region} --cluster-id {id}",
        ),
    )
