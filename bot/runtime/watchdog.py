"""A watch over the event loop: one that stands still is logged, and its process ended to be started again.

Three things may keep a loop from moving, and each needs another way to notice: Python code that goes on and
on, or waits (the watchdog's thread runs beside it); C code of the main thread that keeps the interpreter's
lock, such as a regular expression (a timer's signal makes it give the thread a turn); and such C code of
another thread (the kernel ends the process, and the interpreter's last words are the stacks).
"""

import asyncio
import faulthandler
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from bot.runtime.logger import get_logger

log = get_logger()

EXIT_CODE = 70
"""The exit code of a process that was ended because its loop stood still; EX_SOFTWARE of sysexits.h. Where
Python itself no longer runs, it ends by SIGPROF, which shells and Docker show as 155."""

STEP = 1.0
"""Seconds from one check to the next, at most."""

NOTICED = 5.0
"""Seconds after which a loop that stands still is logged, and recorded for the next start: sooner than a
probe has the process killed. It is a third of a limit that is short."""

RECORD_SECONDS = 2
"""Seconds that file and log may take: what keeps the loop, such as a full pipe, may keep them too."""

_STACK, _LONGEST = 60, 20_000


@dataclass(frozen=True, slots=True)
class Stall:
    """A loop that stood still. `task` is the name of its task, for a command the trace, empty where nobody
    knows; `stack` has a line for each call, the innermost first, without any values."""

    task: str = ""
    seconds: float = 0.0
    stack: str = ""


class StallMeter:
    """The seconds for which a loop has not moved, counted only while the process itself ran.

    A machine that slept, or a process that was stopped, has a gap between two checks: it counts as two steps.
    """

    def __init__(self, step: float, now: float) -> None:
        self._step, self._last = step, now
        self.seconds = 0.0

    def check(self, now: float, *, moved: bool) -> float:
        """Return the seconds after a check at `now`; 0 when the loop has moved since the last one."""
        passed, self._last = max(now - self._last, 0.0), now
        self.seconds = 0.0 if moved else self.seconds + min(passed, 2 * self._step)
        return self.seconds


class StallFile:
    """The file that tells the next start of a stall: empty while the loop moves."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)

    def write(self, stall: Stall | None) -> None:
        """Replace the content, with None by nothing. Raises OSError."""
        os.ftruncate(self.descriptor, 0)
        if stall is not None:
            os.pwrite(self.descriptor, json.dumps(asdict(stall)).encode(errors="replace"), 0)

    def close(self) -> None:
        """Remove it: a process that ends in order has nothing to tell."""
        os.close(self.descriptor)
        self._path.unlink(missing_ok=True)


def read_stall(path: Path) -> Stall | None:
    """Return the stall that ended the last process, None if none did."""
    try:
        text = path.read_text(errors="replace")[:_LONGEST]
    except OSError:
        return None
    if not text:
        return None
    try:
        return Stall(**json.loads(text))
    except (ValueError, TypeError):
        return Stall(stack=text)  # the interpreter's own form: stacks and no more


class Watchdog:
    """A thread that asks a loop again and again whether it moves. `clock` gives monotonic seconds."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limit: float,
        file: StallFile,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop, self._limit, self._file, self._clock = loop, limit, file, clock
        self._step = min(STEP, limit / 10)
        self._meter = StallMeter(self._step, clock())
        self._watched = threading.get_ident()
        self._moved, self._is_noticed = True, False
        self._due, self._checked, self._closed = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin; call it in the main thread, whose loop is watched."""
        faulthandler.register(signal.SIGPROF, file=self._file.descriptor, chain=True)
        signal.signal(signal.SIGVTALRM, self._give_turn)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._due.set()
        self._thread.join()
        for timer in (signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
            signal.setitimer(timer, 0)
        signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
        faulthandler.unregister(signal.SIGPROF)

    def _watch(self) -> None:
        while not self._closed.is_set():
            # Both count the processor's time: they never come for a process that is stopped or starved.
            signal.setitimer(signal.ITIMER_VIRTUAL, 2 * self._step, 2 * self._step)
            signal.setitimer(signal.ITIMER_PROF, self._limit)
            self._check()
            self._checked.set()
            self._due.wait(self._step)
            self._due.clear()

    def _give_turn(self, _signal: int, _frame: FrameType | None) -> None:
        """Let the thread check: C code has kept the interpreter's lock, and calls this in between."""
        self._checked.clear()
        self._due.set()
        self._checked.wait(2 * self._step)

    def _check(self) -> None:
        frames = self._frames()
        moved = self._moved or _is_debugged(frames)
        seconds = self._meter.check(self._clock(), moved=moved)
        if moved:
            self._go_on()
        elif seconds >= self._limit:
            self._end(self._stall(frames, seconds))
        elif seconds >= min(NOTICED, self._limit / 3) and not self._is_noticed:
            self._is_noticed = True
            stall = self._stall(frames, seconds)
            self._record(stall, lambda: log.error("event loop stands still", **asdict(stall)))

    def _go_on(self) -> None:
        if self._is_noticed:
            self._is_noticed = False
            self._record(None, lambda: log.warning("event loop moves again"))
        self._moved = False
        with suppress(RuntimeError):  # a loop that is closed
            self._loop.call_soon_threadsafe(self._note)

    def _note(self) -> None:
        self._moved = True

    def _end(self, stall: Stall) -> None:
        words = "event loop stands still, the process is ended"
        self._record(stall, lambda: log.critical(words, code=EXIT_CODE, **asdict(stall)))
        os._exit(EXIT_CODE)

    def _record(self, stall: Stall | None, write_line: Callable[[], object]) -> None:
        """Tell file and log of a stall, or with None of its end; neither may keep the watch from going on."""

        def record() -> None:
            with suppress(OSError):
                self._file.write(stall)
            write_line()

        beside = threading.Thread(target=record, name="watchdog's log", daemon=True)
        with suppress(RuntimeError):  # no thread is to be had
            beside.start()
            beside.join(RECORD_SECONDS)

    def _frames(self) -> list[FrameType]:
        """Return the frames of the loop's thread, the innermost first."""
        frames: list[FrameType] = []
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001 - its only name
        while frame is not None:
            frames.append(frame)
            frame = frame.f_back
        return frames

    def _stall(self, frames: list[FrameType], seconds: float) -> Stall:
        task = asyncio.current_task(self._loop)
        lines = [f"{each.f_code.co_filename}:{each.f_lineno} {each.f_code.co_name}" for each in frames]
        return Stall(task.get_name() if task else "", round(seconds, 1), "\n".join(lines[:_STACK]))


def _is_debugged(frames: list[FrameType]) -> bool:
    """Return whether a debugger follows the loop, which may hold it for as long as somebody thinks."""
    monitoring = getattr(sys, "monitoring", None)  # Python 3.12
    by_tool = monitoring is not None and monitoring.get_tool(monitoring.DEBUGGER_ID) is not None
    return by_tool or any(frame.f_trace is not None for frame in frames)


@contextmanager
def watch_loop(path: Path, limit: float) -> Generator[None, None, None]:
    """Watch the running loop of the main thread until the end of the body; `limit` in seconds.

    `path` is the file that tells the next start of a stall; see `read_stall`.
    """
    file = StallFile(path)
    watchdog = Watchdog(asyncio.get_running_loop(), limit, file)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.close()
        file.close()
