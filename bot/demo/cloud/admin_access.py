"""Access to the admin API: programs on this machine, and no web page from elsewhere."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.demo.cloud.refusals import ApiRefusal, error_body


class AdminAccess:
    """Middleware that answers 403 to all other callers, whatever address the server was bound to."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_allowed(scope):
            body = error_body("v2", ApiRefusal(403, "The handle is for this machine only"), "full")
            await JSONResponse(body, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_allowed(scope: Scope) -> bool:
    client = scope.get("client")
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    # A page from elsewhere also calls from this machine: with its own origin, or under a name that resolves
    # to this machine. A browser sends both; a program sends no origin.
    return (
        client is not None
        and _is_loopback(client[0])
        and _is_loopback(_host_name(host))
        and all(origin == f"{scope['scheme']}://{host}" for origin in headers.getlist("origin"))
    )


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
