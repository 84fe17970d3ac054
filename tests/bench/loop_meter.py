"""`python -m tests.bench.loop_meter FILE …`: `pgbot …`, which notes in FILE when its loop stood still."""

import asyncio
import json
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.programs.cli import main

STEP, SHORTEST = 0.01, 0.02
"""Seconds between two looks, and of the shortest stall that is noted."""


@dataclass(frozen=True, slots=True)
class LoopStall:
    """A loop that came late by so many `seconds`. Its thread worked for `processor` of them, and waited for a
    processor for `queued` (Linux). `at` is the end, on the `time.perf_counter` of all processes here."""

    at: float
    seconds: float
    processor: float
    queued: float


def read_stalls(path: Path) -> list[LoopStall]:
    """Return what a process that has ended has noted."""
    return [LoopStall(**each) for each in json.loads(path.read_text())]


class _MeteredLoops(asyncio.DefaultEventLoopPolicy):
    def __init__(self) -> None:
        super().__init__()
        self.stalls: list[LoopStall] = []

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        # The workflow engine has a loop of its own, on which nobody waits.
        if threading.current_thread() is threading.main_thread():
            loop.call_soon(self._look, loop, time.perf_counter(), _thread_seconds())
        return loop

    def _look(self, loop: asyncio.AbstractEventLoop, due: float, before: tuple[float, float]) -> None:
        now, after = time.perf_counter(), _thread_seconds()
        if now - due >= SHORTEST:
            self.stalls.append(LoopStall(now, now - due, after[0] - before[0], after[1] - before[1]))
        loop.call_later(STEP, self._look, loop, now + STEP, after)


def _thread_seconds() -> tuple[float, float]:
    """Return the seconds that this thread has worked, and has waited for a processor (proc(5), schedstat)."""
    worked, queued, _ = Path("/proc/thread-self/schedstat").read_text().split()
    return int(worked) / 1e9, int(queued) / 1e9


if __name__ == "__main__":
    loops = _MeteredLoops()
    asyncio.set_event_loop_policy(loops)
    code = main(sys.argv[2:])
    Path(sys.argv[1]).write_text(json.dumps([asdict(each) for each in loops.stalls]))
    sys.exit(code)
