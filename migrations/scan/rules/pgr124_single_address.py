"""All regions are reached through v1's single address, or through the command that uses it.

Source: v2 has one host per region and nine of them (ionos-api-notes, section 1).
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import Address, IonosctlCall
from migrations.scan.scan_rule import Found, ScanMatch, ScanRule

rule = ScanRule(
    module=__name__,
    title="v1's single address for all regions",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="v2 SDKs and guide: one host per region, https://postgresql.<region>.ionos.com",
    remedy=Remedy(
        text=(
            "Choose the host by the cluster's location: de/txl is https://postgresql.de-txl.ionos.com. "
            "Listing every cluster takes nine calls. de/fra and de/fra/2 share a host."
        )
    ),
)

ENDPOINTS_OF_OTHER_RULES = {"users", "databases", "logs", "restore"}
COMMANDS_OF_V2 = {"backup", "cluster", "version"}
COMMANDS_OF_OTHER_RULES = {("cluster", "update"), ("cluster", "restore"), ("backup", "restore")}

OTHER_TOOL = Remedy(
    text="This tool supports only v1. Use ionosctl's v2 commands, which require the location.",
    ionosctl="ionosctl dbaas postgres-v2 cluster list --location {region}",
)


@rule.on(Address)
def address(use: Address) -> Found:
    if not use.literal or ENDPOINTS_OF_OTHER_RULES & set(use.path.split("/")[3:]):
        return None
    return ScanMatch(f"v1 address {use.path}".strip())


@rule.on(IonosctlCall)
def command(use: IonosctlCall) -> Found:
    if use.resource in {"user", "database", "logs"} or (use.resource, use.verb) in COMMANDS_OF_OTHER_RULES:
        return None
    if use.program != "ionosctl":
        return ScanMatch(use.text, OTHER_TOOL)
    if use.resource not in COMMANDS_OF_V2:
        return ScanMatch(use.text)
    return ScanMatch(
        use.text,
        Remedy(
            text="Use the v2 command with the location.",
            ionosctl=f"ionosctl dbaas postgres-v2 {use.resource} {use.verb}".rstrip()
            + " --location {region}",
        ),
    )
