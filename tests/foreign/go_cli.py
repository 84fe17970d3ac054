"""ionosctl, IONOS's program in Go: what people type instead of asking the bot."""

import os
import re
from pathlib import Path
from typing import Any

from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.places import REGIONS
from tests.foreign import oddity_claims
from tests.foreign.client_run import PACK_VALUES, PASSWORD, ClientFailure, ClientRun, check, client_run
from tests.support.ionosctl_examples import LINES, V2

NETWORK = ("--datacenter-id", "cd613e30-d8f1-4adf-91b7-584a2265b1f5", "--lan-id", "1")
LOGIN = ("--db-username", "app", "--db-password", PASSWORD)


async def read_version(run: ClientRun, path: Path) -> str:
    """Return the release of the program."""
    return (await run.program(str(path), "version")).split()[0]


async def use(run: ClientRun, path: Path) -> None:
    """Read and change what both APIs have. Raises ClientFailure."""
    cli = Ionosctl(run, path)
    for part in (read_v1, change_v1, read_v2, change_v2, read_networks, run_what_pgbot_prints, run_the_pack):
        await part(cli)


async def find_failures(_run: ClientRun, path: Path) -> dict[Oddity, str]:
    """Return the oddities on which it fails, with what it says."""
    return await oddity_claims.find_failures(lambda fleet: read_all(fleet, path))


async def read_all(run: ClientRun, path: Path) -> None:
    """Read every cluster and backup of both APIs. Raises ClientFailure."""
    cli = Ionosctl(run, path)
    for api, program in (("v1", "postgres"), ("v2", "postgres-v2")):
        # It ends with 0 when one region of several could not be read.
        clusters = await cli.read(f"{program} cluster list")
        run.check_listed(api, (each["id"] for each in clusters))
        await cli.read(f"{program} backup list")


class Ionosctl:
    """The program with the simulator's addresses in its configuration file."""

    def __init__(self, run: ClientRun, path: Path) -> None:
        self.run, self.path = run, path
        self._path = str(path)
        self._env = {"IONOS_CONFIG_FILE": str(run.write_endpoints())}

    async def cloud(self, line: str) -> dict[str, Any]:
        """Run a line for the Cloud API, and return its answer."""
        answer = await self.run.json(self._path, *line.split(), "--force", "--output", "json", env=self._env)
        return dict(answer)

    async def do(self, line: str, *more: str) -> str:
        """Run a line without a question asked, and return what it shows."""
        return await self.run.program(self._path, "dbaas", *line.split(), *more, "--force", env=self._env)

    async def read(self, line: str, *more: str) -> list[dict[str, object]]:
        """Return what the API has answered for a list, items only."""
        answer = await self.run.json(
            self._path, "dbaas", *line.split(), *more, "--output", "json", env=self._env
        )
        items = answer["items"] if isinstance(answer, dict) else answer
        if not isinstance(items, list):
            raise ClientFailure(f"{line}: no list: {answer!r:.200}")
        return items

    async def refused(self, line: str, *more: str) -> str:
        """Run a line that the cloud refuses, and return what the program says."""
        return await self.run.program(self._path, "dbaas", *line.split(), *more, env=self._env, code=1)


async def read_v1(cli: Ionosctl) -> None:
    """Read everything that v1 has."""
    clusters = await cli.read("postgres cluster list")
    cli.run.check_listed("v1", (each["id"] for each in clusters))
    backups = await cli.read("postgres backup list")
    cli.run.did(f"{len(clusters)} clusters of v1, {len(backups)} backups")
    cluster = cli.run.named("orders-prod")
    of = ("--cluster-id", cluster.id)
    users = await cli.read("postgres user list", *of)
    check("users", {each["properties"]["username"] for each in users}, set(cluster.users))
    databases = await cli.read("postgres database list", *of)
    if not databases or "orders-prod" not in await cli.do("postgres cluster get", *of):
        raise ClientFailure("orders-prod was not read")
    for line in ("logs list", "cluster backup list"):
        await cli.read(f"postgres {line}", *of)
    for line in ("version list", "api-version list"):
        await cli.do(f"postgres {line}")
    said = await cli.refused("postgres cluster get --cluster-id 5c61a9f0-0000-4000-8000-000000000000")
    check("an unknown cluster", "404" in said, wanted=True)


async def change_v1(cli: Ionosctl) -> None:
    """Create a cluster of v1, change it, its users and databases, restore it, and delete it."""
    size = ("--ram", "4GB", "--storage-size", "20GB", "--storage-type", "SSD_PREMIUM", "--version", "15")
    address = ("--cidr", "192.168.1.100/24", "--location", "de/txl", "--backup-location", "de")
    await cli.do("postgres cluster create --wait --name from-ionosctl", *NETWORK, *address, *size, *LOGIN)
    cluster = cli.run.named("from-ionosctl")
    of = ("--cluster-id", cluster.id)
    check("created", (cluster.phase, cluster.ram_mb, cluster.storage_mb), ("AVAILABLE", 4096, 20480))

    for line in (
        f"user create --user reader --password {PASSWORD}",
        f"user update --user reader --password {PASSWORD}2",
        "database create --database sales --owner reader",
    ):
        await cli.do(f"postgres {line}", *of)
        await cli.run.settled(cluster)
    made = (cluster.users["reader"].password, cluster.databases["sales"].owner)
    check("a user with a new password, and its database", made, (f"{PASSWORD}2", "reader"))
    for line in ("database delete --database sales", "user delete --user reader"):
        await cli.do(f"postgres {line}", *of)
        await cli.run.settled(cluster)
    check("deleted", ("reader" in cluster.users, "sales" in cluster.databases), (False, False))

    await cli.do("postgres cluster update --wait --cores 4 --ram 8GB --name renamed", *of)
    check("changed", (cluster.name, cluster.cores, cluster.ram_mb), ("renamed", 4, 8192))
    (backup, *_) = await cli.read("postgres cluster backup list", *of)
    await cli.do("postgres cluster restore", *of, "--backup-id", str(backup["id"]))
    await cli.run.settled(cluster)
    check("restored", len(cluster.restores), 1)
    await cli.do("postgres cluster delete --wait", *of)
    cli.run.did("created, changed, restored and deleted a cluster of v1, with users and databases")


async def read_v2(cli: Ionosctl) -> None:
    """Read everything that v2 has, in all regions at once and in one."""
    clusters = await cli.read("postgres-v2 cluster list")
    cli.run.check_listed("v2", (each["id"] for each in clusters))
    backups = await cli.read("postgres-v2 backup list")
    cli.run.did(f"{len(clusters)} clusters of v2 in {len(REGIONS)} regions, {len(backups)} backups")
    cluster = cli.run.named("payments-prod")
    shown = await cli.do("postgres-v2 cluster get --location de/txl --cluster-id", cluster.id)
    check("payments-prod", cluster.name in shown, wanted=True)
    (backup, *_) = await cli.read("postgres-v2 backup list --location de/txl")
    await cli.do("postgres-v2 backup get --location de/txl --backup-id", str(backup["id"]))
    for line in ("version list", "backup location list"):
        await cli.do(f"postgres-v2 {line} --location de/txl")


async def change_v2(cli: Ionosctl) -> None:
    """Create a cluster of v2, change it, restore it, and delete it."""
    at = ("--location", "de/txl")
    size = ("--ram", "4GB", "--storage-size", "20GB", "--version", "16", "--database", "app")
    await cli.do(
        "postgres-v2 cluster create --wait --name from-ionosctl --cidr 192.168.1.100/24",
        *at,
        *NETWORK,
        *size,
        *LOGIN,
        "--backup-location",
        "eu-central-3",
    )
    cluster = cli.run.named("from-ionosctl")
    of = (*at, "--cluster-id", cluster.id)
    check("created", (cluster.phase, cluster.ram_mb, cluster.storage_mb), ("AVAILABLE", 4096, 20480))
    password = ("--db-password", PASSWORD)
    every = (
        "--name renamed --description d --cores 4 --ram 8GB --instances 3 --storage-size 30GB --version 17",
        "--maintenance-day Monday --maintenance-time 04:00:00 --sync-mode STRICTLY_SYNCHRONOUS",
        "--connection-pooler SESSION --logs-enabled=true --metrics-enabled=true --lan-id 2",
    )
    await cli.do(f"postgres-v2 cluster update --wait {' '.join(every)}", *of, *password)
    check(
        "changed",
        (cluster.name, cluster.ram_mb, cluster.instances, cluster.version, cluster.pool_mode),
        ("renamed", 8192, 3, "17", "session"),
    )
    backups = await cli.read("postgres-v2 backup list", *at)
    backup, *_ = [each["id"] for each in backups if each["properties"]["clusterId"] == cluster.id]
    # It names the backup, which is for new clusters only; Terraform and Ansible name the time alone.
    said = await cli.refused(
        "postgres-v2 cluster restore --force", *of, "--backup-id", str(backup), *password
    )
    check("a restore that names a backup", "sourceBackupId" in said, wanted=True)
    await cli.do("postgres-v2 cluster delete --wait", *of)
    cli.run.did("created, changed and deleted a cluster of v2")


async def read_networks(cli: Ionosctl) -> None:
    """Create and list what a database cluster is connected to, and read the contracts."""
    made = await cli.cloud("datacenter create --wait --name from-ionosctl --location de/txl")
    lan = await cli.cloud(f"lan create --wait --name database --public=false --datacenter-id {made['id']}")
    listed = await cli.cloud(f"lan list --datacenter-id {made['id']}")
    check("LANs", [each["id"] for each in listed["items"]], [lan["id"]])
    centers = [each["id"] for each in (await cli.cloud("datacenter list"))["items"]]
    check("a new data center in the list", made["id"] in centers, wanted=True)
    await cli.cloud("contract get")
    cli.run.did("created a data center with a LAN")


async def run_what_pgbot_prints(cli: Ionosctl) -> None:
    """Run each line that `--as cli` adds to an answer, as a shell would, in a fleet of its own."""
    worked, refused = 0, 0
    for line in (each for lines in LINES.values() for each in lines):
        async with client_run(cli.run.folder) as run:
            try:
                await _paste(run, cli.path, line)
            except ClientFailure as failure:
                # Its SDK (psql/v3 3.0.1) knows only `backupLocation`, and sends it empty beside `backup`.
                if f"{V2} cluster update" not in line or "properties.backupLocation" not in str(failure):
                    raise
                refused += 1
            else:
                worked += 1
    cli.run.did(f"{worked} lines of --as cli, and {refused} refused for an empty backupLocation")


async def _paste(run: ClientRun, path: Path, line: str) -> None:
    words = re.sub(r"<([a-z-]+)>", lambda name: run.named(name[1]).id, line)
    login = {"DB_USERNAME": "app", "DB_PASSWORD": PASSWORD, "DB_NAME": "app"}
    await run.program("sh", "-c", f"{words} --force", env=_shell(run, path) | login)


def _shell(run: ClientRun, path: Path) -> dict[str, str]:
    """Return the environment of a shell that finds the program as `ionosctl`."""
    folder = run.folder / "bin"
    folder.mkdir(exist_ok=True)
    if not (folder / "ionosctl").exists():
        (folder / "ionosctl").symlink_to(path)
    return {
        "IONOS_CONFIG_FILE": str(run.write_endpoints()),
        "PATH": f"{folder}:{os.environ['PATH']}",
    }


async def run_the_pack(cli: Ionosctl) -> None:
    """Run the script of a migration pack: it looks at both APIs, and creates the new cluster when told."""
    async with client_run(cli.run.folder) as run:
        script = str(await run.write_pack("orders-prod") / "ionosctl.sh")
        env = _shell(run, cli.path) | PACK_VALUES
        looked = await run.program("sh", script, env=env, code=1)
        check("the look, which ends where v2 lacks the cluster", "404" in looked, wanted=True)
        old = run.named("orders-prod")
        await run.program("sh", script, "create", env=env)
        new = next(each for each in run.cloud.everything() if (each.name, each.api) == (old.name, "v2"))
        for name in ("version", "instances", "cores", "ram_mb", "storage_mb", "window", "replication"):
            check(f"{name} of the new cluster", getattr(new, name), getattr(old, name))
    cli.run.did("the script of a migration pack")
