"""Terraform with IONOS's provider: it creates, sees no drift, changes, imports and destroys."""

import json
import shutil
from pathlib import Path

from bot.demo.cloud import vendor_migration
from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.places import REGIONS
from tests.foreign import oddity_claims
from tests.foreign.client_run import PACK_VALUES, PASSWORD, ClientFailure, ClientRun, check

FILES = Path(__file__).parent / "terraform"
NAME = "terraform-provider-ionoscloud"
QUIET = ("-input=false", "-no-color")


def find_provider(path: Path) -> Path:
    """Return the folder of the provider: of its binary, itself, or below a mirror of a registry.

    Raises ClientFailure.
    """
    found = [path] if path.is_file() else sorted(path.rglob(f"{NAME}*"))
    programs = [each for each in found if each.is_file() and each.name.startswith(NAME)]
    if not programs:
        raise ClientFailure(f"{path}: no {NAME} there")
    return programs[-1].resolve().parent


class Terraform:
    """The program in a folder of its own, with the provider as an override, so that nothing is fetched."""

    def __init__(self, run: ClientRun, path: Path, provider: Path, folder: str = ".") -> None:
        self.run = run
        self._path = str(path)
        self._chdir = f"-chdir={folder}"
        settings = run.folder / "terraform.rc"
        override = f'dev_overrides {{\n    "ionos-cloud/ionoscloud" = "{provider}"\n  }}\n  direct {{}}'
        settings.write_text(f"provider_installation {{\n  {override}\n}}\n", encoding="utf-8")
        self._env = {
            "IONOS_CONFIG_FILE": str(run.write_endpoints()),
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_VAR_password": PASSWORD,
            **{f"TF_VAR_{name.lower()}": value for name, value in PACK_VALUES.items()},
            "CHECKPOINT_DISABLE": "1",
        }

    async def do(self, *words: str, code: int = 0) -> str:
        return await self.run.program(self._path, self._chdir, *words, env=self._env, code=code)

    async def apply(self, **variables: object) -> None:
        await self.do("apply", *QUIET, "-auto-approve", *_given(variables))

    async def check_no_drift(self, **variables: object) -> None:
        """Plan again: exit code 2 would mean that the cloud answers something else than was asked for."""
        await self.do("plan", *QUIET, "-detailed-exitcode", *_given(variables))


def _given(variables: dict[str, object]) -> list[str]:
    return [f"-var={name}={value}" for name, value in variables.items()]


async def read_version(run: ClientRun, path: Path) -> str:
    """Return the release of Terraform; that of a provider is not in its program."""
    answer = await run.json(str(path), "version", "-json", env={"CHECKPOINT_DISABLE": "1"})
    return str(answer["terraform_version"])


async def use(run: ClientRun, path: Path, provider: Path) -> None:
    """Do what owners of clusters do with Terraform. Raises ClientFailure."""
    await manage(run, path, provider)
    await adopt(run, path, provider)


async def manage(run: ClientRun, path: Path, provider: Path) -> None:
    """Create, change, import and destroy a cluster of each API. Raises ClientFailure."""
    shutil.copy(FILES / "main.tf", run.folder)
    terraform = Terraform(run, path, find_provider(provider))
    await terraform.apply()
    first, second = run.named("terraform-v1"), run.named("terraform-v2")
    check("created", (first.phase, first.pool_mode, second.phase), ("AVAILABLE", "session", "AVAILABLE"))
    check("its user and database", first.databases["sales"].owner, "reader")
    read = await run.json(str(path), "output", "-json", "read")
    orders, payments = run.named("orders-prod"), run.named("payments-prod")
    check("data sources", (read["orders"], read["payments"], read["listed"]), (orders.id, payments.id, True))
    run.did("created a LAN, on it a cluster of v1 with user and database and one of v2, read 9 data sources")

    await terraform.check_no_drift()
    changed = {"cores": 4, "suffix": "-renamed"}
    await terraform.apply(**changed)
    check(
        "changed",
        [(each.name, each.cores) for each in (first, second)],
        [
            ("terraform-v1-renamed", 4),
            ("terraform-v2-renamed", 4),
        ],
    )
    await terraform.check_no_drift(**changed)
    run.did("changed both without drift")

    for address, cluster_id in (
        ("ionoscloud_pg_cluster.first", first.id),
        ("ionoscloud_pg_cluster_v2.second", f"de/txl:{second.id}"),
    ):
        await terraform.do("import", *QUIET, "-state=imported.tfstate", *_given(changed), address, cluster_id)
    run.did("imported both")
    await terraform.do("destroy", *QUIET, "-auto-approve", *_given(changed))
    left = [each.name for each in run.cloud.everything() if each.name.startswith("terraform-")]
    now = run.cloud.clock.now()
    centers = [each for each in run.cloud.datacenters.values() if each.exists(now)]
    left += [each.name for each in centers if str(each.name).startswith("terraform")]
    check("destroyed", left, [])
    run.did("destroyed all")


async def adopt(run: ClientRun, path: Path, provider: Path) -> None:
    """Adopt a cluster that IONOS has moved to v2, with the files of its migration pack and nothing else."""
    (run.folder / "code").mkdir()
    terraform = Terraform(run, path, find_provider(provider), folder="code")
    code = run.folder / "code"
    shutil.copy(FILES / "owned.tf", code)
    cluster = run.named("orders-prod")
    await terraform.do("import", *QUIET, "ionoscloud_pg_cluster.orders-prod", cluster.id)
    pack = await run.write_pack("orders-prod")
    vendor_migration.move(run.cloud, cluster)
    (code / "owned.tf").unlink()
    for name in ("adopt_v2.tf", "provider_v2.tf"):
        shutil.copy(pack / name, code)
    planned = await terraform.do("apply", *QUIET, "-auto-approve")
    promised = "1 to import, 0 to add, 1 to change, 0 to destroy."
    check("the plan that adopt_v2.tf promises", promised in planned, wanted=True)
    check(
        "in Terraform",
        (await terraform.do("state", "list")).split(),
        ["ionoscloud_pg_cluster_v2.orders-prod"],
    )
    await terraform.check_no_drift()
    run.did("adopted a moved cluster by its migration pack")


async def find_failures(_run: ClientRun, path: Path, provider: Path) -> dict[Oddity, str]:
    """Return the oddities on which it fails, with what it says."""
    return await oddity_claims.find_failures(lambda fleet: read_all(fleet, path, provider))


async def read_all(run: ClientRun, path: Path, provider: Path) -> None:
    """Look up every available cluster by its name, and list what the regions of v2 have.

    Raises ClientFailure.
    """
    terraform = Terraform(run, path, find_provider(provider))
    shutil.copy(FILES / "all.tf", run.folder)
    first, second = run.available("v1"), run.available("v2")
    given = {
        "first": {each.id: each.name for each in first},
        "second": {each.id: {"name": each.name, "location": each.location} for each in second},
        "locations": [location for region in REGIONS for location in region.locations],
    }
    (run.folder / "terraform.tfvars.json").write_text(json.dumps(given), encoding="utf-8")
    await terraform.do("plan", *QUIET)
