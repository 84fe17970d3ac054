"""The simulator without sockets: a request costs a third of the processor time."""

import asyncio
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

import httpx

from bot.ionos.transport import TransportOptions, _tls_context
from bot.programs import serve

_applications = {}


class _Transport(httpx.AsyncBaseTransport):
    """A transport that calls the applications of `in_process` and connects to everything else."""

    def __init__(self):
        self._http = httpx.AsyncHTTPTransport(verify=_tls_context())

    async def handle_async_request(self, request):
        application = _applications.get(request.url.netloc)
        if application is None:
            return await self._http.handle_async_request(request)
        try:
            async with asyncio.timeout(request.extensions["timeout"]["read"]):
                return await httpx.ASGITransport(application).handle_async_request(request)
        except TimeoutError:
            raise httpx.ReadTimeout("", request=request) from None

    async def aclose(self):
        await self._http.aclose()


@contextmanager
def in_process(url, application):
    """Make kernels opened in here call `application` where they would connect to `url`."""
    netloc = httpx.URL(url).netloc
    _applications[netloc] = application
    try:
        with patch.object(serve, "TransportOptions", partial(TransportOptions, http=_Transport)):
            yield
    finally:
        del _applications[netloc]
