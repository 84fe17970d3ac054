"""The cloud simulator: v1, every v2 region, the Cloud API and the admin API as one ASGI application."""

import argparse
import asyncio
import sys

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.demo.cloud import cloud_api, v1, v2
from bot.demo.cloud.admin_api import AdminApi
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.oddities import FLEETS, Oddity
from bot.demo.cloud.places import REGIONS
from bot.demo.cloud.request_pipeline import RequestPipeline, Routes
from bot.demo.loopback_server import LoopbackServer, with_date
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock
from bot.runtime.background_tasks import stopped_by_signal

_NETWORKS, _V1, _V2 = Routes(cloud_api.OPERATIONS), Routes(v1.OPERATIONS), Routes(v2.OPERATIONS)


def create_app(cloud: Cloud) -> ASGIApp:
    """Return the application.

    v1 is below `/databases/postgresql`, v2 below `/<region>`, the Cloud API below `/cloudapi/v6`, the admin
    API below `/_cloud`.
    """
    networks = RequestPipeline(cloud, "cloud", None, _NETWORKS)
    databases = {v1.PREFIX: RequestPipeline(cloud, "v1", None, _V1)}
    databases |= {f"/{each.label}": RequestPipeline(cloud, "v2", each, _V2) for each in REGIONS}
    apps: dict[str, ASGIApp] = {cloud_api.PREFIX: networks, "/_cloud": AdminApi(cloud).app()}
    apps |= {prefix: _with_networks(each, networks) for prefix, each in databases.items()}
    return with_date(_by_prefix(apps), lambda: cloud.wire_clock)


def _with_networks(databases: ASGIApp, networks: ASGIApp) -> ASGIApp:
    """Return a database API that also answers for data centers and LANs.

    A module of IONOS's Ansible collection has one `api_url` for both of its SDKs, so here both APIs must be
    at the same address. The real ones are not.
    """

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        first = scope["path"].removeprefix(scope["root_path"]).split("/", 2)[1]
        await (networks if first in cloud_api.WORDS else databases)(scope, receive, send)

    return either


def _by_prefix(apps: dict[str, ASGIApp]) -> ASGIApp:
    """Return the applications by what their paths begin with.

    Starlette compares the path with a pattern of each mount and looks out for errors that none of these
    raises, which takes as long as most answers.
    """

    async def chosen(scope: Scope, receive: Receive, send: Send) -> None:
        prefix = next((each for each in apps if scope["path"].startswith(f"{each}/")), None)
        if prefix is None:
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
        else:
            inner = {**scope, "root_path": scope.get("root_path", "") + prefix}
            await apps[prefix](inner, receive, send)

    return chosen


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
        sys.stdout.write(f"cloud ready: v1 at {server.url}{v1.PREFIX}, v2 at {server.url}/{{region}}\n")
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
