"""pgbot in processes of its own, so that the measured code and the measuring code share no loop."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

PGBOT = (sys.executable, "-m", "bot.programs.cli")


@dataclass(frozen=True, slots=True)
class Served:
    """A ready bot: its process, its address, and the seconds that its start took."""

    process: asyncio.subprocess.Process
    url: str
    seconds: float

    async def stop(self) -> None:
        """Stop the bot, and wait until it has ended."""
        await _end(self.process)

    def memory_mb(self, key: str = "VmRSS") -> float:
        """Return the resident memory of the process now, in MB (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(key))
        return int(line.split()[1]) / 1024

    def cpu_seconds(self) -> float:
        """Return the processor time that the process has used so far (Linux)."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(text[11]) + int(text[12])) / os.sysconf("SC_CLK_TCK")


def environment(extra: dict[str, str]) -> dict[str, str]:
    """Return the environment that a program needs, without the settings of the person who runs the
    benchmark."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | extra


@asynccontextmanager
async def serve(extra: dict[str, str], program: Sequence[str] = PGBOT) -> AsyncIterator[Served]:
    """Run `pgbot serve` until it is ready, and stop it at the end. Raises RuntimeError if it ended before."""
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *program, "serve", stderr=asyncio.subprocess.PIPE, env=environment(extra)
    )
    assert process.stderr is not None
    try:
        # A folder without an engine's file is warned of first.
        while "url" not in (ready := json.loads(await process.stderr.readline())):
            pass
        # Unread, its log would fill the pipe, and the loop would stand still with the next line.
        log = asyncio.create_task(process.stderr.read())
        yield Served(process, ready["url"], time.perf_counter() - started)
        if process.returncode:
            raise RuntimeError(f"the bot ended with {process.returncode}: {(await log).decode()[-2000:]}")
    finally:
        await _end(process)


@asynccontextmanager
async def cloud(*, clusters: int, latency: str) -> AsyncIterator[str]:
    """Run `pgbot demo cloud`; yield its address."""
    arguments = ("demo", "cloud", "--clusters", str(clusters), "--latency", latency)
    process = await asyncio.create_subprocess_exec(
        *PGBOT, *arguments, stdout=asyncio.subprocess.PIPE, env=environment({})
    )
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        yield "http://" + line.split("http://")[1].split("/")[0]
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()
