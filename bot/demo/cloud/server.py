"""`pgbot demo cloud`: the cloud simulator on its own."""

import argparse
import asyncio
import re
import signal
import sys

from bot.demo.cloud import v1
from bot.demo.cloud.app import create_app
from bot.demo.loopback_server import LoopbackServer
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s)?")


async def serve(
    port: int, clusters: int = 44, seed: int = 1, latency_seconds: float = 0.0, *, oddities: bool = True
) -> None:
    """Serve until SIGTERM or SIGINT. Prints one line when ready. Raises OSError for a taken port.

    The clock runs with the machine's, so clusters change by themselves; `POST /_cloud/clock/advance` moves it
    on. `latency_seconds` of the machine's time pass before every answer. `oddities` as in
    `seed_cloud`.
    """
    cloud = seed_cloud(VirtualClock.of_machine(), clusters, seed, oddities=oddities)
    cloud.latency_seconds = latency_seconds
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with LoopbackServer(create_app(cloud), port=port) as server:
            line = f"cloud ready: v1 at {server.url}{v1.PREFIX}, v2 at {server.url}/{{region}}\n"
            sys.stdout.write(line)
            sys.stdout.flush()
            await stop.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `pgbot demo cloud`."""
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--clusters", type=_positive, default=44, help="number of clusters (default: 44)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random fleet (default: 1)")
    parser.add_argument("--latency", type=_seconds, default=0.0, help="delay of each response, such as 50ms")
    parser.add_argument(
        "--plain",
        action="store_true",
        help="omit values that the specifications do not allow, such as unknown states",
    )


def run(args: argparse.Namespace) -> int:
    """Run the program and return its exit status."""
    try:
        asyncio.run(
            serve(args.port, args.clusters, args.seed, args.latency, oddities=not args.plain),
        )
    except OSError as error:
        sys.stderr.write(f"Can’t use port {args.port}: {error.strerror}. Choose another --port.\n")
        return 1
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError("must be a duration such as 50ms or 0.2s")
    return float(match[1]) / (1000 if match[2] == "ms" else 1)
