"""The Slack simulator as one ASGI application: Web API, WebSocket, other addresses, operator API."""

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from bot.demo.workspace.operator import OperatorApi
from bot.demo.workspace.posting import ResponseUrlEndpoint, Uploads
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.web_api_routes import WebApi


def workspace_routes(workspace: WorkspaceState) -> list[BaseRoute]:
    """Return the simulator's routes, which the console is served beside."""
    uploads = Uploads(workspace)
    return [
        Route("/api/{method}", WebApi(workspace).answer, methods=["GET", "POST"]),
        Route("/response/{key}", ResponseUrlEndpoint(workspace).receive, methods=["POST"]),
        Route("/upload/{key}", uploads.receive, methods=["POST"]),
        Route("/files/{file_id}/{key}", uploads.send, methods=["GET"]),
        WebSocketRoute("/socket/{ticket}", workspace.sockets.serve),
        Mount("/_workspace", routes=OperatorApi(workspace).routes()),
    ]
