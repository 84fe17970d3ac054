"""Who may use a handle of this machine: this machine, and its own pages."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_from_here(request: Request) -> bool:
    """Whether a request came from this machine, to a name of this machine, and from no page of another site.

    A browser on this machine may have any site open: its pages are told by `Host` (when their name was made
    to lead here) and `Origin`.
    """
    if request.client is not None and not is_loopback(request.client.host):
        return False
    if not is_loopback(request.url.hostname or ""):
        return False
    origin = request.headers.get("origin")
    return not origin or urlsplit(origin).netloc == request.headers.get("host")
