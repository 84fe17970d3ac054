"""`python -m tests.bench.loop_meter FILE …`: `pgbot …`, which notes in FILE when its loop stood still."""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.programs.cli import main

STEP, SHORTEST = 0.01, 0.02
"""Seconds between two looks, and of the shortest stall that is noted."""


@dataclass(frozen=True, slots=True)
class LoopStall:
    """A loop that came late by so many `seconds`, `processor` of which its thread worked. `at` is the end, as
    `time.perf_counter` tells it in every process of this machine."""

    at: float
    seconds: float
    processor: float


def read_stalls(path: Path) -> list[LoopStall]:
    """Return what a process that has ended has noted."""
    return [LoopStall(**each) for each in json.loads(path.read_text())]


class _MeteredLoops(asyncio.DefaultEventLoopPolicy):
    def __init__(self) -> None:
        super().__init__()
        self.stalls: list[LoopStall] = []

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        loop.call_soon(self._look, loop, time.perf_counter(), time.thread_time())
        return loop

    def _look(self, loop: asyncio.AbstractEventLoop, due: float, worked: float) -> None:
        now, late = time.perf_counter(), time.perf_counter() - due
        if late >= SHORTEST:
            self.stalls.append(LoopStall(now, late, time.thread_time() - worked))
        loop.call_later(STEP, self._look, loop, now + STEP, time.thread_time())


if __name__ == "__main__":
    loops = _MeteredLoops()
    asyncio.set_event_loop_policy(loops)
    code = main(sys.argv[2:])
    Path(sys.argv[1]).write_text(json.dumps([asdict(each) for each in loops.stalls]))
    sys.exit(code)
