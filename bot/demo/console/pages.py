"""Serves the page: one HTML file, its styles and scripts, with a policy that lets nothing else in."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.demo.workspace.state import Workspace

STATIC = Path(__file__).parent / "static"

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}
"""Nothing inline, nothing from elsewhere; `no-cache` because the files change with the code."""


class WithHeaders:
    """Puts `HEADERS` on every answer of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *added]
            await send(message)

        await self._app(scope, receive, sending)


def create_console(workspace: Workspace, *, hints: tuple[tuple[str, str], ...] = ()) -> ASGIApp:
    """The page, to be mounted at `/` beside the stand-in's own routes (it calls `/_workspace/…`).

    `hints` are command lines (with or without the slash command) and what each does, offered while somebody
    types a slash command; without any, the usage hints of the manifest are offered.
    """
    offered = tuple((_whole(workspace, line), words) for line, words in hints) or _hints_of(workspace)

    async def index(_request: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def hint_list(_request: Request) -> Response:
        return JSONResponse([{"line": line, "help": words} for line, words in offered])

    static = Mount("/static", app=StaticFiles(directory=STATIC))
    app = Starlette(routes=[Route("/", index), Route("/hints.json", hint_list), static])
    return WithHeaders(app)


def _whole(workspace: Workspace, line: str) -> str:
    """The line as it is typed; words alone belong to the app's first command."""
    first = next(iter(workspace.manifest.commands), None)
    return line if line.startswith("/") or first is None else f"{first.name} {line}"


def _hints_of(workspace: Workspace) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for command in workspace.manifest.commands:
        uses = [use.strip() for use in command.usage_hint.split("|") if use.strip()]
        found += [(f"{command.name} {use}", command.description) for use in uses or [""]]
    return tuple(found)
