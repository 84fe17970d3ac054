"""The claims of the simulator about clients and oddities, held against the clients themselves."""

import tempfile
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from bot.demo.cloud.oddities import ODDITIES, Oddity
from bot.demo.http_client import loopback_client
from tests.foreign.client_run import PASSWORD, TOKEN, ClientFailure, ClientRun, still_run


def list_false_claims(names: frozenset[str], failures: Mapping[Oddity, str]) -> list[str]:
    """Return a sentence for each oddity on which a client fails, or not, other than `breaks` says."""
    wrong = []
    for oddity, facts in ODDITIES.items():
        said = failures.get(oddity, "")
        if bool(said) != bool(names & facts.breaks):
            wrong.append(f"{oddity} is failed on: {said}" if said else f"{oddity} is not failed on")
    return wrong


async def find_failures(read_all: Callable[[ClientRun], Awaitable[None]]) -> dict[Oddity, str]:
    """Return the oddities on whose fleet `read_all` fails, with what it says."""
    said = {oddity: await _failure(oddity, read_all) for oddity in ODDITIES}
    return {oddity: words for oddity, words in said.items() if words}


async def _failure(oddity: Oddity, read_all: Callable[[ClientRun], Awaitable[None]]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        async with still_run(Path(folder), frozenset({oddity})) as run:
            await _begin_restore(run)
            try:
                await read_all(run)
            except ClientFailure as failure:
                return str(failure)
    return ""


async def _begin_restore(run: ClientRun) -> None:
    """Begin an in-place restore on v2, which some clouds show in their answers."""
    cluster = run.named("payments-prod")
    url = f"{run.url}/de-txl/clusters/{cluster.id}"
    async with loopback_client(headers={"authorization": f"Bearer {TOKEN}"}) as http:
        properties = (await http.get(url)).json()["properties"]
        properties["credentials"] = {"username": "payments", "password": PASSWORD, "database": "payments"}
        target = (run.clock.now() - timedelta(hours=1)).isoformat()
        properties["restoreFromBackup"] = {"recoveryTargetDatetime": target}
        answer = await http.put(url, json={"id": cluster.id, "properties": properties})
    if answer.status_code != 200:
        raise ClientFailure(f"no restore began: {answer.text}")
