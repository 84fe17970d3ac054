"""The cloud simulator as one ASGI application: v1, every v2 region, the Cloud API, and the admin API."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.demo.cloud import cloud_api, v1, v2
from bot.demo.cloud.admin_api import AdminApi
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.places import REGIONS
from bot.demo.cloud.request_pipeline import RequestPipeline
from bot.demo.loopback_server import with_date


def create_app(cloud: Cloud) -> ASGIApp:
    """Return the application.

    v1 is below `/databases/postgresql`, v2 below `/<region>`, the Cloud API below `/cloudapi/v6`, the admin
    API below `/_cloud`.
    """
    networks = RequestPipeline(cloud, "cloud", None, cloud_api.OPERATIONS)
    databases = {v1.PREFIX: RequestPipeline(cloud, "v1", None, v1.OPERATIONS)}
    databases |= {f"/{each.label}": RequestPipeline(cloud, "v2", each, v2.OPERATIONS) for each in REGIONS}
    apps: dict[str, ASGIApp] = {cloud_api.PREFIX: networks, "/_cloud": AdminApi(cloud).app()}
    apps |= {prefix: _WithNetworks(each, networks) for prefix, each in databases.items()}
    return with_date(_ByPrefix(apps), lambda: cloud.wire_clock)


class _WithNetworks:
    """A database API that also answers for data centers and LANs.

    A module of IONOS's Ansible collection has one `api_url` for both of its SDKs, so here both APIs must be
    at the same address. The real ones are not.
    """

    def __init__(self, databases: ASGIApp, networks: ASGIApp) -> None:
        self._databases = databases
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first = scope["path"].removeprefix(scope["root_path"]).split("/", 2)[1]
        await (self._networks if first in cloud_api.WORDS else self._databases)(scope, receive, send)


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
