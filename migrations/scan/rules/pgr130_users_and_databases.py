"""Users or databases are managed through the API.

Source: v2 has no endpoints for them (ionos-v2.openapi.yaml; v1-v2-mapping, section 4).
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import Address, AnsibleModule, IonosctlCall, SdkOperation
from migrations.scan.scan_rule import Found, ScanMatch, ScanRule, show

rule = ScanRule(
    module=__name__,
    title="The users and databases endpoints",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 specification: no endpoints for users or databases",
    remedy=Remedy(
        text="Manage roles and databases with SQL, or with a tool that uses SQL.",
        sql="CREATE ROLE app LOGIN; CREATE DATABASE app OWNER app;",
    ),
)

THINGS = {"users", "databases"}


@rule.on(Address)
def address(use: Address) -> Found:
    return ScanMatch(f"v1 address {use.path}") if THINGS & set(use.path.split("/")[3:]) else None


@rule.on(SdkOperation)
def operation(use: SdkOperation) -> Found:
    return show(use) if use.text.partition("_")[0] in THINGS else None


@rule.on(IonosctlCall)
def command(use: IonosctlCall) -> Found:
    return ScanMatch(use.text) if use.resource in {"user", "database"} else None


@rule.on(AnsibleModule)
def module(use: AnsibleModule) -> Found:
    return ScanMatch(use.module) if "_user" in use.module or "_database" in use.module else None
