"""The claims of the simulator about clients and oddities, held against the clients themselves."""

import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from bot.demo.cloud.oddities import ODDITIES, Oddity
from bot.demo.http_client import loopback_client
from tests.foreign.client_run import PASSWORD, TOKEN, ClientFailure, ClientRun, still_run


async def find_false_claims(name: str, read_all: Callable[[ClientRun], Awaitable[None]]) -> list[str]:
    """Return a sentence for each oddity on which the client fails, or not, other than `breaks` says."""
    wrong = []
    for oddity, facts in ODDITIES.items():
        said = await _failure(oddity, read_all)
        if bool(said) != (name in facts.breaks):
            wrong.append(f"{oddity} is read, not failed on" if not said else f"{oddity} is failed on: {said}")
    return wrong


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
