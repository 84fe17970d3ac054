"""Logs are read through the API.

Source: v2 has no logs endpoint; clusters ship logs to the observability service when logsEnabled is set
(ionos-api-notes, section 8).
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import Address, IonosctlCall, SdkOperation
from migrations.scan.scan_rule import Found, ScanMatch, ScanRule, show

rule = ScanRule(
    module=__name__,
    title="The logs endpoint",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: no logs endpoint; logsEnabled ships logs to the observability service",
    remedy=Remedy(
        text=(
            "Turn on logsEnabled and activate the observability service. Save the logs you still need "
            "before the move; v1 keeps them for 30 days."
        ),
        command="/pg log show {name}",
    ),
)


@rule.on(Address)
def address(use: Address) -> Found:
    return ScanMatch(f"v1 address {use.path}") if "logs" in use.path.split("/")[3:] else None


@rule.on(SdkOperation)
def operation(use: SdkOperation) -> Found:
    return show(use) if use.text == "cluster_logs_get" else None


@rule.on(IonosctlCall)
def command(use: IonosctlCall) -> Found:
    return ScanMatch(use.text) if use.resource == "logs" else None
