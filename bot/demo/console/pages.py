"""The page: one HTML file, its styles and scripts, with a policy that allows nothing else; its side panel.

The page uses Preact: two files of 15 kB under `static/vendor`, from its npm package 10.29.8. NiceGUI was
rejected: it needs 22 packages, has 29 MB of its own, and a page with inline scripts, which the policy below
forbids. Preact needs no build, its `h` makes elements and never parses HTML, and it keeps focus, input and
sorting as cards change.
"""

import asyncio
import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from bot.audit.verify import opened, rows
from bot.demo.console.guide import GuideStep
from bot.demo.loopback_server import AddedHeaders, is_from_here
from bot.demo.workspace.state import WorkspaceState
from bot.domain.errors import StoreError

STATIC = Path(__file__).parent / "static"

MOST_ROWS = 500
"""Rows of the audit log in one answer; the page requests those after its last one."""

_SHOWN = ("seq", "at", "kind", "actor", "command", "text", "outcome", "detail")

_IMPORT_MAP = re.compile(r'<script type="importmap">([^<]*)</script>')

Hints = tuple[tuple[str, str], ...]
"""Command lines, each with its help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSetup:
    """The console's port, and the bot's part of it, which a workspace that runs alone lacks.

    `hints` are command lines (with or without the slash command) with help, offered while a person types;
    without any, the usage hints of the manifest are offered. `audit` is the bot's `pgbot.db`, which is only
    read, `cloud` the cloud simulator's admin API.
    """

    hints: Hints = ()
    guide: tuple[GuideStep, ...] = ()
    audit: Path | None = None
    cloud: ASGIApp | None = None
    port: int = 0


def headers_for(page: str) -> dict[str, str]:
    """Return headers that allow nothing from elsewhere, and inline only the page's own import map.

    `no-cache` because the files change with the code.
    """
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in _IMPORT_MAP.findall(page)
    ]
    scripts = " ".join(["'self'", *hashes])
    return {
        "content-security-policy": f"default-src 'none'; script-src {scripts}; "
        "style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-cache",
    }


def create_console(workspace: WorkspaceState, setup: ConsoleSetup) -> ASGIApp:
    """Return the page, to be mounted at `/` beside the simulator's own routes (it calls `/_workspace/…`)."""
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    headers = headers_for(page)
    hints = tuple((_full_line(workspace, line), words) for line, words in setup.hints)
    shown = [{"line": line, "help": words} for line, words in hints or _manifest_hints(workspace)]

    async def index(_request: Request) -> Response:
        return HTMLResponse(page)

    async def panel(_request: Request) -> dict[str, Any]:
        return {
            "hints": shown,
            "guide": [asdict(step) for step in setup.guide],
            "cloud": setup.cloud is not None,
            "audit": setup.audit is not None,
        }

    async def audit(request: Request) -> dict[str, Any]:
        after = int(request.query_params.get("after", 0))
        return {"ok": True, "rows": await asyncio.to_thread(_rows, setup.audit, after)}

    # The admin API checks access itself.
    cloud = [] if setup.cloud is None else [Mount("/cloud", app=setup.cloud)]
    routes = [
        Route("/", index),
        Mount(
            "/_console", routes=[Route("/setup", _guarded(panel)), Route("/audit", _guarded(audit)), *cloud]
        ),
        Mount("/static", app=StaticFiles(directory=STATIC)),
    ]
    return AddedHeaders(Starlette(routes=routes), lambda: headers)


def _full_line(workspace: WorkspaceState, line: str) -> str:
    """Return the line with its slash command, the app's first one by default."""
    first = next(iter(workspace.manifest.commands), None)
    return line if line.startswith("/") or first is None else f"{first.name} {line}"


def _manifest_hints(workspace: WorkspaceState) -> Hints:
    found: list[tuple[str, str]] = []
    for command in workspace.manifest.commands:
        uses = [use.strip() for use in command.usage_hint.split("|") if use.strip()]
        found += [(f"{command.name} {use}", command.description) for use in uses or [""]]
    return tuple(found)


def _guarded(answer: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint for pages of this machine only."""

    async def guarded(request: Request) -> Response:
        if not is_from_here(request):
            return JSONResponse({"ok": False, "error": "loopback_only"}, 403)
        try:
            return JSONResponse(await answer(request))
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_arguments"}, 400)

    return guarded


def _rows(path: Path | None, after: int) -> list[dict[str, Any]]:
    """Return the audit rows after number `after`, oldest first; none before the bot has created the file."""
    if path is None:
        return []
    try:
        with opened(path) as connection:
            found = list(islice(rows(connection, after), MOST_ROWS))
    except StoreError:
        return []
    return [{name: row[name] for name in _SHOWN} for row in found]
