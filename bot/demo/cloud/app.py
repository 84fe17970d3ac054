"""The cloud simulator as one ASGI application: v1, every v2 region, and the admin API."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.demo.cloud import v1, v2
from bot.demo.cloud.admin_api import AdminApi
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.places import REGIONS
from bot.demo.cloud.request_pipeline import RequestPipeline
from bot.demo.date_header import DateHeader


def create_app(cloud: Cloud) -> ASGIApp:
    """Return v1 below `/databases/postgresql`, v2 below `/<region>`, the admin API below `/_cloud`."""
    second = {f"/{each.label}": RequestPipeline(cloud, "v2", each, v2.OPERATIONS) for each in REGIONS}
    first = {v1.PREFIX: RequestPipeline(cloud, "v1", None, v1.OPERATIONS)}
    return DateHeader(_ByPrefix({**first, **second, "/_cloud": AdminApi(cloud).app()}), cloud)


class _ByPrefix:
    """Applications by what their paths begin with.

    Starlette compares the path with a pattern of each mount and looks out for errors that none of these
    raises, which takes as long as most answers.
    """

    def __init__(self, apps: dict[str, ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = (each for each in self._apps if scope["path"].startswith(f"{each}/"))
        prefix = next(found, None)
        if prefix is None:
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
        else:
            inner = {**scope, "root_path": scope.get("root_path", "") + prefix}
            await self._apps[prefix](inner, receive, send)
