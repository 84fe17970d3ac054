"""The page: one HTML file, its styles and scripts, with a policy that allows nothing else.

The page uses Preact: two files of 15 kB under `static/vendor`, from its npm package 10.29.8. NiceGUI was
rejected: it needs 22 packages, has 29 MB of its own, and a page with inline scripts, which the policy below
forbids. Preact needs no build, its `h` makes elements and never parses HTML, and it keeps focus, input and
sorting as cards change.
"""

import base64
import hashlib
import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.demo.console.panel_api import PanelState
from bot.demo.workspace.state import WorkspaceState

STATIC = Path(__file__).parent / "static"

_IMPORT_MAP = re.compile(r'<script type="importmap">([^<]*)</script>')


Hints = tuple[tuple[str, str], ...]
"""Command lines, each with its help."""


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


class WithHeaders:
    """Middleware that adds headers to every answer."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await self._app(scope, receive, sending)


def create_console(
    workspace: WorkspaceState, *, hints: Hints = (), panel: PanelState | None = None
) -> ASGIApp:
    """Return the page, to be mounted at `/` beside the simulator's own routes (it calls `/_workspace/…`).

    `hints` are command lines (with or without the slash command) with help, offered while a person types;
    without any, the usage hints of the manifest are offered. `panel` fills the side panel, if given.
    """
    offered = tuple((_full_line(workspace, line), words) for line, words in hints) or _manifest_hints(
        workspace
    )
    shown = [{"line": line, "help": words} for line, words in offered]
    page = (STATIC / "index.html").read_text(encoding="utf-8")

    async def index(_request: Request) -> Response:
        return HTMLResponse(page)

    panel_routes = Mount("/_console", routes=(panel or PanelState()).routes(shown))
    static = Mount("/static", app=StaticFiles(directory=STATIC))
    return WithHeaders(Starlette(routes=[Route("/", index), panel_routes, static]), headers_for(page))


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
