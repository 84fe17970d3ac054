"""`pgbot serve` on a machine whose clock is wrong by the seconds in the file `ahead` of its data folder."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from bot.programs.serve import serve_until, serving
from bot.runtime import logging
from bot.runtime.background_tasks import stopped_by_signal
from bot.runtime.clock import SystemClock
from bot.settings.model import load_settings


class FileClock(SystemClock):
    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self):
        return super().now() + timedelta(seconds=float(self._path.read_text() or 0))


async def main():
    setup = load_settings()
    logging.configure_logging()
    async with stopped_by_signal() as stop:
        await serve_until(stop, serving(setup, FileClock(setup.data / "ahead")))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
