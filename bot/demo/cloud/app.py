"""The stand-in cloud as one ASGI application: v1, every v2 region, and the operator's handle."""

from starlette.applications import Starlette
from starlette.routing import Mount

from bot.demo.cloud import v1, v2
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.handle import Handle
from bot.demo.cloud.places import REGIONS
from bot.demo.cloud.surface import Surface


def create_app(cloud: Cloud) -> Starlette:
    """v1 below `/databases/postgresql`, v2 below `/<region>`, the handle below `/_cloud`."""
    surfaces = [Mount(f"/{region.label}", Surface(cloud, "v2", region, v2.OPERATIONS)) for region in REGIONS]
    first = Mount(v1.PREFIX, Surface(cloud, "v1", None, v1.OPERATIONS))
    return Starlette(routes=[first, *surfaces, Mount("/_cloud", Handle(cloud).app())])
