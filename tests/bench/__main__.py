"""`make bench`: figures beside their targets, all or those of the parts named behind it."""

import asyncio
import os
import platform
import sys

from bot.runtime import logging
from tests.bench import (
    acks,
    audit,
    changes,
    commands,
    flood,
    listing,
    load,
    readiness,
    reports,
    scan,
    sdk,
    start,
)
from tests.bench.figures import progress, show


async def main() -> None:
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}", flush=True)
    parts = {
        "start": start,
        "listing": listing,
        "acks": acks,
        "flood": flood,
        "load": load,
        "commands": commands,
        "sdk": sdk,
        "audit": audit,
        "changes": changes,
        "readiness": readiness,
        "reports": reports,
        "scan": scan,
    }
    if unknown := set(sys.argv[1:]) - parts.keys():
        sys.exit(f"There is no part {min(unknown)}. Parts: {', '.join(parts)}.")
    for name in sys.argv[1:] or parts:
        progress(f"Measuring {name}")
        async for figure in parts[name].measure():
            show(figure)


if __name__ == "__main__":
    logging.configure_logging()
    asyncio.run(main())
