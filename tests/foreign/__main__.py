"""`make foreign`: programs of IONOS's customers against the simulated cloud, one line for each.

They are given by path in the environment, since no package registry has them. Exit code 1 means that one has
failed, 0 that each one that was given works.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "support"))

from bot.demo.cloud.oddities import ODDITIES, Oddity
from tests.foreign import ansible, go_cli, terraform
from tests.foreign.client_run import ClientFailure, ClientRun, client_run
from tests.foreign.oddity_claims import list_false_claims
from tests.support.sdk_environments import NoEnvironment


@dataclass(frozen=True, slots=True)
class ForeignClient:
    """A program with the variables that say where it is; its functions take those paths in the same order.

    What `find_failures` finds is held against what the simulator says of the client, and of the SDK in it.
    """

    name: str
    variables: tuple[str, ...]
    read_version: Callable[[ClientRun, Path], Awaitable[str]]
    use: Callable[..., Awaitable[None]]
    find_failures: Callable[..., Awaitable[dict[Oddity, str]]]
    sdk: str = ""


CLIENTS = (
    ForeignClient("ionosctl", ("IONOSCTL",), go_cli.read_version, go_cli.use, go_cli.find_failures),
    ForeignClient(
        "Terraform",
        ("TERRAFORM", "TERRAFORM_PROVIDER"),
        terraform.read_version,
        terraform.use,
        terraform.find_failures,
    ),
    ForeignClient(
        "Ansible",
        ("ANSIBLE_COLLECTION",),
        ansible.read_version,
        ansible.use,
        ansible.find_failures,
        sdk="Python SDK 3.0.0",
    ),
)


async def run_client(client: ForeignClient) -> bool:
    """Run one client, write its line, and return whether it has failed."""
    missing = [name for name in client.variables if not os.environ.get(name)]
    if missing:
        _write(f"{client.name}: not given (set {' and '.join(missing)})")
        return False
    paths = _given_paths(client)
    began, version = time.monotonic(), "of unknown version"
    with tempfile.TemporaryDirectory() as folder:
        async with client_run(Path(folder)) as run:
            try:
                version = await client.read_version(run, paths[0])
                await client.use(run, *paths)
                await _try_oddities(client, run, paths)
            except (ClientFailure, NoEnvironment, OSError) as error:
                worked = "; ".join(run.done) or "nothing"
                _write(f"{client.name} {version}: failed. Worked: {worked}\n{error}")
                return True
    seconds = time.monotonic() - began
    _write(f"{client.name} {version}: passed in {seconds:.0f} s: {'; '.join(run.done)}")
    return False


async def _try_oddities(client: ForeignClient, run: ClientRun, paths: list[Path]) -> None:
    failures = await client.find_failures(run, *paths)
    wrong = list_false_claims(frozenset({client.name, client.sdk}), failures)
    if wrong:
        raise ClientFailure("\n".join(wrong))
    run.did(f"{len(ODDITIES)} oddities, fails on {', '.join(failures)}")


def _given_paths(client: ForeignClient) -> list[Path]:
    return [Path(os.environ[name]).expanduser().absolute() for name in client.variables]


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main() -> int:
    """Run each client in turn, and return the exit code."""
    return int(any([await run_client(each) for each in CLIENTS]))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
