"""`make bench`: every figure beside its target. Numbers to look at; nothing here fails a build."""

import asyncio
import os
import platform

from bot import logs
from tests.bench import acks, listing, start
from tests.bench.figures import report


async def main() -> None:
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}")
    figures = [*await start.measure(), *await listing.measure(), *await acks.measure()]
    print(report(figures))


if __name__ == "__main__":
    logs.configure()
    asyncio.run(main())
