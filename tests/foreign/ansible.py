"""IONOS's Ansible collection: its modules for both APIs, in playbooks that end with nothing left."""

import json
import re
from contextlib import AsyncExitStack
from pathlib import Path

import yaml

from bot.demo.cloud.oddities import ODDITIES, Oddity
from bot.demo.cloud.records import ClusterRecord
from tests.foreign.client_run import PASSWORD, TOKEN, ClientFailure, ClientRun, check, still_run
from tests.support.sdk_environments import CACHE, python_with

FILES = Path(__file__).parent
NAME = "ansible_collections/ionoscloudsdk/ionoscloud"


def find_collection(path: Path) -> Path:
    """Return the collection's own folder: the one given, or the one below it. Raises ClientFailure."""
    for folder in (path, path / NAME, path / "ionoscloudsdk" / "ionoscloud"):
        if (folder / "plugins" / "modules" / "postgres_cluster.py").is_file():
            return folder.resolve()
    raise ClientFailure(f"{path}: no collection ionoscloudsdk.ionoscloud there")


async def read_version(run: ClientRun, path: Path) -> str:
    """Return the release of the collection, as built for a registry or as its repository has it."""
    folder = find_collection(path)
    built = folder / "MANIFEST.json"
    if built.is_file():
        return str(json.loads(built.read_text(encoding="utf-8"))["collection_info"]["version"])
    return str(yaml.safe_load((folder / "galaxy.yml").read_text(encoding="utf-8"))["version"])


async def use(run: ClientRun, path: Path) -> None:
    """Play both playbooks. Raises ClientFailure, and NoEnvironment where Ansible can't be installed."""
    place = run.folder / "collections" / NAME
    place.parent.mkdir(parents=True)
    place.symlink_to(find_collection(path))
    for api, address in (("v1", "databases/postgresql"), ("v2", "de-txl")):
        did = await play(run, api, f"{run.url}/{address}")
        left = [each.name for each in run.cloud.everything() if each.name.startswith("ansible-")]
        check(f"left of {api}", left, [])
        run.did(f"{did} tasks with the modules for {api}")


async def play(run: ClientRun, api: str, address: str) -> int:
    """Play the playbook of one API, and return how many of its tasks went well."""
    network = run.named("orders-prod").network
    given = {"address": address, "datacenter": network.datacenter_id, "lan": network.lan_id}
    out = await _play(run, FILES / "ansible" / f"{api}.yml", api, given)
    recap = re.search(r"ok=(\d+)", out)
    if recap is None:
        raise ClientFailure(f"{api}: no recap:\n{out[-2000:]}")
    return int(recap[1])


async def find_failures(run: ClientRun, path: Path) -> dict[Oddity, str]:
    """Return the oddities on which the module for clusters of v1 fails, with what it says.

    It is told of each cluster what is the case, and must find it and change nothing.
    """
    async with AsyncExitStack() as fleets:
        cases = []
        for oddity in ODDITIES:
            fleet = await fleets.enter_async_context(still_run(run.folder, frozenset({oddity})))
            cases += [_describe(fleet, each) | {"oddity": oddity} for each in _carriers(fleet, oddity)]
        results = run.folder / "results.json"
        given = {"cases": cases, "results": str(results)}
        await _play(run, FILES / "ansible" / "described.yml", "v1", given)
    seen = json.loads(results.read_text(encoding="utf-8"))
    return {
        Oddity(each["item"]["oddity"]): str(each.get("msg", "it changes the cluster"))
        for each in seen
        if each.get("failed") or each.get("changed")
    }


def _carriers(fleet: ClientRun, oddity: Oddity) -> list[ClusterRecord]:
    """Return the clusters that show the oddity; if the whole cloud does, two that differ."""
    here = fleet.available("v1")
    shown = [each for each in here if oddity in each.oddities]
    return shown or [each for each in here if each.name == "orders-prod" or each.location == "de/fra/2"]


def _describe(fleet: ClientRun, cluster: ClusterRecord) -> dict[str, object]:
    """Return a cluster in the words of the module; for what it lacks, something else."""
    other = fleet.named("orders-prod")
    network, window = cluster.network or other.network, cluster.window or other.window
    return {
        "address": f"{fleet.url}/databases/postgresql",
        "name": cluster.name,
        "version": cluster.version,
        "instances": cluster.instances,
        "cores": cluster.cores,
        "ram": cluster.ram_mb,
        "storage": cluster.storage_mb,
        "storage_type": cluster.storage_type,
        "location": cluster.location,
        "backup_location": cluster.backup_location,
        "replication": cluster.replication,
        "datacenter": network.datacenter_id,
        "lan": network.lan_id,
        "cidr": network.address,
        "day": window.day,
        "time": window.time,
    }


async def _play(run: ClientRun, playbook: Path, api: str, given: dict[str, object]) -> str:
    """Play a playbook with the SDK of one API, and return what it prints. Raises ClientFailure."""
    name = f"ansible-{api}"
    python = python_with(FILES / f"{name}.lock", CACHE / name)
    variables = run.folder / "variables.json"
    shared = {"token": TOKEN, "password": PASSWORD, "ansible_python_interpreter": str(python)}
    variables.write_text(json.dumps(given | shared), encoding="utf-8")
    return await run.program(
        str(python.parent / "ansible-playbook"),
        "--inventory=localhost,",
        f"--extra-vars=@{variables}",
        str(playbook),
        env={
            "ANSIBLE_COLLECTIONS_PATH": str(run.folder / "collections"),
            "ANSIBLE_HOME": str(run.folder / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
        },
    )
