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

from bot.demo.cloud.oddities import ODDITIES
from tests.foreign import ansible, go_cli, terraform
from tests.foreign.client_run import ClientFailure, ClientRun, client_run
from tests.foreign.oddity_claims import find_false_claims
from tests.support.sdk_environments import NoEnvironment


@dataclass(frozen=True, slots=True)
class ForeignClient:
    """A program with the variables that say where it is; `use` and `read_all` take those paths in order.

    `read_all` is tried on the fleet of each oddity, and held against what the simulator says of the client.
    """

    name: str
    variables: tuple[str, ...]
    read_version: Callable[[ClientRun, Path], Awaitable[str]]
    use: Callable[..., Awaitable[None]]
    read_all: Callable[..., Awaitable[None]] | None = None


CLIENTS = (
    ForeignClient("ionosctl", ("IONOSCTL",), go_cli.read_version, go_cli.use, go_cli.read_all),
    ForeignClient(
        "Terraform",
        ("TERRAFORM", "TERRAFORM_PROVIDER"),
        terraform.read_version,
        terraform.use,
        terraform.read_all,
    ),
    ForeignClient("Ansible", ("ANSIBLE_COLLECTION",), ansible.read_version, ansible.use),
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
    if client.read_all is None:
        return
    read_all = client.read_all
    wrong = await find_false_claims(client.name, lambda fleet: read_all(fleet, *paths))
    if wrong:
        raise ClientFailure("\n".join(wrong))
    failing = [oddity for oddity, facts in ODDITIES.items() if client.name in facts.breaks]
    run.did(f"read all of {len(ODDITIES)} oddities but {', '.join(failing)}")


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
