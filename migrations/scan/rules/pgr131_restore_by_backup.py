"""A cluster is restored in place from a backup that the caller chooses.

Source: v2 restores in place by target time only, and chooses the backup itself; a chosen backup goes into a
new cluster (ionos-v2.openapi.yaml, restoreFromBackup; ionos-api-notes, section 6).
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import Address, AnsibleModule, IonosctlCall, SdkOperation
from migrations.scan.scan_rule import Found, ScanMatch, ScanRule, show

rule = ScanRule(
    module=__name__,
    title="Restore in place by backup id",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: in place, restoreFromBackup takes recoveryTargetDatetime only",
    remedy=Remedy(
        text="Restore to a target time, or create a new cluster from the chosen backup.",
        command="/pg restore {name} --to TIME",
    ),
)


@rule.on(Address)
def address(use: Address) -> Found:
    return ScanMatch(f"v1 address {use.path}") if "restore" in use.path.split("/")[3:] else None


@rule.on(SdkOperation)
def operation(use: SdkOperation) -> Found:
    return show(use) if use.text == "cluster_restore_post" else None


@rule.on(IonosctlCall)
def command(use: IonosctlCall) -> Found:
    return ScanMatch(use.text) if use.verb == "restore" else None


@rule.on(AnsibleModule)
def module(use: AnsibleModule) -> Found:
    return ScanMatch(f"{use.module}, state: restore") if use.state == "restore" else None
