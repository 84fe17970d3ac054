"""A process that forks bots on order, and reports which of them have ended; see `crash_bot`."""

import asyncio
import json
import os
import tempfile
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from forked_programs import forked


class Zygote:
    """The process that forks bots, and the bots that are alive."""

    def __init__(self, process, orders):
        self._process, self._orders = process, orders
        self._started = asyncio.Queue()
        self._ends = {}
        self._turn = asyncio.Lock()
        self._reading = asyncio.create_task(self._read())

    async def _read(self):
        async for line in self._process.stdout:
            told = json.loads(line)
            if "started" in told:
                self._ends[told["started"]] = asyncio.get_running_loop().create_future()
                await self._started.put(told["started"])
            else:
                self._ends[told["ended"]].set_result(told["code"])

    async def fork(self, **order):
        """Start a bot; return its process id."""
        async with self._turn:
            self._orders.write(json.dumps(order).encode() + b"\n")
            return await self._started.get()

    async def end_of(self, pid, number=None):
        """Wait for the end of a bot, after sending it the signal `number`; return its exit code."""
        if number is not None and not self._ends[pid].done():
            with suppress(ProcessLookupError):  # its end is told a moment after it
                os.kill(pid, number)
        return await asyncio.shield(self._ends[pid])

    def is_alive(self, pid):
        return not self._ends[pid].done()

    async def close(self):
        self._orders.close()
        await self._process.wait()
        await self._reading


@asynccontextmanager
async def open_zygote():
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="pgbot-zygote-") as folder:
        pipe = Path(folder, "orders")
        os.mkfifo(pipe)
        script = Path(__file__).with_name("crash_bot.py")
        async with forked([pipe], kept, None, script=script) as process:
            # Opened for reading, too, it waits for nobody.
            zygote = Zygote(process, os.fdopen(os.open(pipe, os.O_RDWR), "wb", buffering=0))
            try:
                yield zygote
            finally:
                await zygote.close()
