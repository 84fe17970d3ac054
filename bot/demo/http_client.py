"""HTTP to the simulators, which run on this machine."""

import ssl
from typing import Any

import httpx

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Plain HTTP alone: loading the machine's certificates would cost more than a request."""


def loopback_client(**options: Any) -> httpx.AsyncClient:
    """Return a client that uses no proxy and no TLS; `options` are those of `httpx.AsyncClient`."""
    return httpx.AsyncClient(trust_env=False, verify=_NO_TLS, **options)
