"""Terraform or Ansible describes clusters in the types of v1.

Source: the provider's guide for moving to ionoscloud_pg_cluster_v2 (v1-v2-mapping, section 1: same id,
`moved` does not work, credentials by hand); the provider's changelog (v2 types since 6.7.27); the Ansible
collection's modules, whose v2 ones have v2 in their names.
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import AnsibleModule, NamedType, ProviderVersion, PuppetCluster, TerraformBlock
from migrations.scan.scan_rule import Found, ScanMatch, ScanRule
from migrations.scan.sdks import allows_from, parse_range

rule = ScanRule(
    module=__name__,
    title="Declared with a v1 type (Terraform, Ansible, Pulumi, Puppet)",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="Terraform provider: guide for moving to ionoscloud_pg_cluster_v2, changelog 6.7.27",
    remedy=Remedy(
        text=(
            "Import the cluster into ionoscloud_pg_cluster_v2, and remove the old resource from the "
            "state without destroying it. moved does not work. Add the credentials by hand."
        ),
        command="/pg migration plan {name}",
    ),
)

FIRST_WITH_V2 = "6.7.27"

SQL_LEVEL = Remedy(
    text=(
        "v2 has no resource for users or databases. Manage them with SQL or a SQL-level provider, and "
        "remove this resource from the state without destroying it."
    )
)
DATA_SOURCE = Remedy(text="Use the v2 data source, which requires the location.")
STATE = Remedy(
    text=(
        "The state follows the configuration. Import the cluster into the v2 resource, then remove this "
        "entry from the state without destroying it."
    ),
    command="/pg migration plan {name}",
)
ANSIBLE = Remedy(
    text="Use the collection's module with v2 in its name. Give it the location, and sizes in GB."
)

PUPPET = Remedy(
    text=(
        "Remove the cluster from the manifest, because the Puppet module supports only v1. Manage it "
        "with Terraform or ionosctl's v2 commands."
    )
)


@rule.on(PuppetCluster)
def puppet(_use: PuppetCluster) -> ScanMatch:
    return ScanMatch("Puppet postgres_cluster", PUPPET)


@rule.on(TerraformBlock)
def block(use: TerraformBlock) -> ScanMatch:
    text = f"{use.block} {use.type}.{use.name}".rstrip(".")
    if use.in_state:
        return ScanMatch(text, STATE)
    if use.block == "data":
        return ScanMatch(text, DATA_SOURCE)
    return ScanMatch(text, SQL_LEVEL if use.type.casefold().endswith(("user", "database")) else None)


@rule.on(NamedType)
def named(use: NamedType) -> ScanMatch:
    return ScanMatch(use.name, SQL_LEVEL if use.name.lower().endswith(("user", "database")) else None)


@rule.on(AnsibleModule)
def module(use: AnsibleModule) -> Found:
    return None if "_user" in use.module or "_database" in use.module else ScanMatch(use.module, ANSIBLE)


@rule.on(ProviderVersion)
def provider(use: ProviderVersion) -> Found:
    allowed = parse_range(_as_specifier(use.constraint))
    if allowed is None or allows_from(allowed, FIRST_WITH_V2):
        return None
    return ScanMatch(
        f"provider ionoscloud {use.constraint}",
        Remedy(text=f"Allow provider {FIRST_WITH_V2} or later. Earlier releases have no v2 resource."),
    )


def _as_specifier(constraint: str) -> str:
    """Translate Terraform's notation into Python's: `~>` means `~=`, and a bare version means exactly it."""
    parts = (part.strip() for part in constraint.split(","))
    return ",".join(_one(part) for part in parts if part)


def _one(part: str) -> str:
    if part.startswith("~>"):
        version = part[2:].strip()
        return f"~={version}" if "." in version else f"~={version}.0"
    if part[0].isdigit():
        return f"=={part}"
    return f"={part}" if part.startswith("=") and not part.startswith("==") else part
