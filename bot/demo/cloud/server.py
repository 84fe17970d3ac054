"""`pgbot demo cloud`: the cloud simulator on its own."""

import argparse
import asyncio
import sys

from bot.demo.cloud import v1
from bot.demo.cloud.app import create_app
from bot.demo.cloud.oddities import FLEETS, Oddity
from bot.demo.loopback_server import LoopbackServer
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock
from bot.runtime.background_tasks import stopped_by_signal


async def serve(
    port: int,
    clusters: int = 44,
    seed: int = 1,
    latency_seconds: float = 0.0,
    *,
    oddities: frozenset[Oddity] = FLEETS["odd"],
) -> None:
    """Serve until SIGTERM or SIGINT. Prints one line when ready. Raises OSError for a taken port.

    The clock runs with the machine's, so clusters change by themselves; `POST /_cloud/clock/advance` moves it
    on. `latency_seconds` of the machine's time pass before every answer.
    """
    cloud = seed_cloud(VirtualClock.of_machine(), clusters, seed, oddities=oddities)
    cloud.latency_seconds = latency_seconds
    async with stopped_by_signal() as stop, LoopbackServer(create_app(cloud), port=port) as server:
        line = f"cloud ready: v1 at {server.url}{v1.PREFIX}, v2 at {server.url}/{{region}}\n"
        sys.stdout.write(line)
        sys.stdout.flush()
        await stop.wait()


def run(args: argparse.Namespace) -> int:
    """Run the program and return its exit status."""
    try:
        asyncio.run(serve(args.port, args.clusters, args.seed, args.latency, oddities=FLEETS[args.fleet]))
    except OSError as error:
        sys.stderr.write(f"Can’t use port {args.port}: {error.strerror}. Choose another --port.\n")
        return 1
    return 0
