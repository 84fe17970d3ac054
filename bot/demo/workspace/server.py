"""`pgbot demo workspace`: the Slack simulator with its console, on its own."""

import argparse
import asyncio
import sys
from functools import partial

import yaml
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from bot.demo.console.pages import ConsoleSetup, create_console
from bot.demo.loopback_server import LoopbackServer, is_loopback, with_date
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.app_manifest import load_manifest
from bot.demo.workspace.operator import operator_routes
from bot.demo.workspace.posting import receive_answer, receive_file, send_file
from bot.demo.workspace.seed import seed_workspace
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.web_api_routes import answer_call
from bot.domain.errors import ConfigError
from bot.runtime.background_tasks import stopped_by_signal


def create_site(workspace: WorkspaceState, console: ConsoleSetup | None = None) -> ASGIApp:
    """Return the simulator: Web API, WebSocket, other addresses, operator API, and the console at `/`."""
    routes = [
        Route("/api/{method}", partial(answer_call, workspace), methods=["GET", "POST"]),
        Route("/response/{key}", partial(receive_answer, workspace), methods=["POST"]),
        Route("/upload/{key}", partial(receive_file, workspace), methods=["POST"]),
        Route("/files/{file_id}/{key}", partial(send_file, workspace), methods=["GET"]),
        WebSocketRoute("/socket/{ticket}", workspace.sockets.serve),
        Mount("/_workspace", routes=operator_routes(workspace)),
        Mount("/", app=create_console(workspace, console or ConsoleSetup())),
    ]
    return with_date(Starlette(routes=routes), lambda: workspace.wire_clock)


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
    asyncio.run(_serve(workspace, args.port))
    return 0


async def _serve(workspace: WorkspaceState, port: int) -> None:
    """Serve the site on 127.0.0.1 until a signal; print one line when it is ready."""
    try:
        async with stopped_by_signal() as stop, LoopbackServer(create_site(workspace), port=port) as server:
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
