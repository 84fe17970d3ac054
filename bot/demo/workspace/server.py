"""`pgbot demo workspace`: the Slack simulator with its console, on its own."""

import argparse
import asyncio
import sys

import yaml
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from bot.demo.console.pages import Hints, create_console
from bot.demo.console.panel_api import PanelState
from bot.demo.date_header import DateHeader
from bot.demo.loopback_server import LoopbackServer
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.app import workspace_routes
from bot.demo.workspace.app_manifest import load_manifest
from bot.demo.workspace.loopback import is_loopback
from bot.demo.workspace.seed import seed_workspace
from bot.demo.workspace.state import WorkspaceState
from bot.domain.errors import ConfigError
from bot.runtime.background_tasks import stopped_by_signal


def create_site(
    workspace: WorkspaceState, *, hints: Hints = (), panel: PanelState | None = None
) -> Starlette:
    """Return the simulator with the console at `/`. `hints` are command lines with help, for the composer."""
    console = create_console(workspace, hints=hints, panel=panel)
    routes = [*workspace_routes(workspace), Mount("/", app=console)]
    return Starlette(routes=routes, middleware=[Middleware(DateHeader, server=workspace)])


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM and return 0. Raises ConfigError for a bad manifest, URL or port."""
    manifest = None
    if args.manifest is not None:
        try:
            manifest = load_manifest(args.manifest)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            raise ConfigError(f"Can’t read the manifest {args.manifest.name}: {error}.") from error
    clock = VirtualClock.of_machine()
    workspace = seed_workspace(clock, manifest, enforce_rates=not args.no_rate_limits)
    workspace.request_url = _checked(args.request_url)
    asyncio.run(serve(workspace, port=args.port))
    return 0


async def serve(workspace: WorkspaceState, *, port: int = 0) -> None:
    """Serve the site on 127.0.0.1 until SIGINT or SIGTERM; print one line when it is ready.

    Raises ConfigError if the port is taken.
    """
    site = LoopbackServer(create_site(workspace), port=port)
    try:
        async with stopped_by_signal() as stop, site as server:
            workspace.base_url = server.url
            sys.stdout.write(f"Simulated Slack ready: page {server.url}/ Web API {server.url}/api/\n")
            sys.stdout.flush()
            await stop.wait()
            await workspace.close()
    except OSError as error:
        raise ConfigError(f"Can’t use port {port}: {error.strerror}.", "Choose another --port.") from error


def _checked(url: str | None) -> str | None:
    """Allow loopback addresses only: the simulator must not send anything elsewhere."""
    if url is None:
        return None
    host = url.partition("://")[2].partition("/")[0].rpartition(":")[0]
    if not url.startswith("http://") or not is_loopback(host):
        raise ConfigError("--request-url must be an http address of this machine with a port.")
    return url
