"""The check that a request comes from this machine or its own pages."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_from_here(request: Request) -> bool:
    """Return whether a request is from this machine, to its name, and not from a page of another site.

    A browser on this machine may have any site open: `Host` and `Origin` tell such pages, the former if their
    name was made to resolve to this machine.
    """
    if request.client is not None and not is_loopback(request.client.host):
        return False
    if not is_loopback(request.url.hostname or ""):
        return False
    origin = request.headers.get("origin")
    return not origin or urlsplit(origin).netloc == request.headers.get("host")
