"""IONOS's Ansible collection: its modules for both APIs, in playbooks that end with nothing left."""

import json
import re
from pathlib import Path

import yaml

from tests.foreign.client_run import PASSWORD, TOKEN, ClientFailure, ClientRun, check
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
    name = f"ansible-{api}"
    python = python_with(FILES / f"{name}.lock", CACHE / name)
    network = run.named("orders-prod").network
    given = {
        "address": address,
        "token": TOKEN,
        "password": PASSWORD,
        "datacenter": network.datacenter_id,
        "lan": network.lan_id,
        "ansible_python_interpreter": str(python),
    }
    out = await run.program(
        str(python.parent / "ansible-playbook"),
        "--inventory=localhost,",
        f"--extra-vars={json.dumps(given)}",
        str(FILES / "ansible" / f"{api}.yml"),
        env={
            "ANSIBLE_COLLECTIONS_PATH": str(run.folder / "collections"),
            "ANSIBLE_HOME": str(run.folder / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
        },
    )
    recap = re.search(r"ok=(\d+)", out)
    if recap is None:
        raise ClientFailure(f"{name}: no recap:\n{out[-2000:]}")
    return int(recap[1])
