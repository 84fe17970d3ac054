"""The cloud simulator as one ASGI application: v1, every v2 region, and the admin API."""

import re

from starlette.applications import Starlette
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import Mount
from starlette.types import ASGIApp

from bot.demo.cloud import v1, v2
from bot.demo.cloud.admin_api import AdminApi
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.places import REGIONS
from bot.demo.cloud.request_pipeline import RequestPipeline
from bot.demo.date_header import DateHeader


class _App(Starlette):
    """Starlette without its outermost middleware, which would answer 500 to a fault without an answer."""

    def __init__(self, cloud: Cloud, routes: list[Mount]) -> None:
        super().__init__(routes=routes)
        self._cloud = cloud

    def build_middleware_stack(self) -> ASGIApp:
        return DateHeader(ExceptionMiddleware(self.router), self._cloud)


def create_app(cloud: Cloud) -> Starlette:
    """Return v1 below `/databases/postgresql`, v2 below `/<region>`, the admin API below `/_cloud`."""
    first = _mount(v1.PREFIX, RequestPipeline(cloud, "v1", None, v1.OPERATIONS))
    second = [
        _mount(f"/{region.label}", RequestPipeline(cloud, "v2", region, v2.OPERATIONS)) for region in REGIONS
    ]
    app = _App(cloud, [first, *second, _mount("/_cloud", AdminApi(cloud).app())])
    app.router.redirect_slashes = False
    return app


def _mount(path: str, app: ASGIApp) -> Mount:
    mount = Mount(path, app)
    # A percent-encoded line break is an ordinary character of a path; Starlette's pattern stops there.
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount
