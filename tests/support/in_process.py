"""The simulator without sockets: a request costs a third of the processor time."""

import asyncio

import httpx


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, netloc, application):
        self._netloc = netloc
        self._application = httpx.ASGITransport(application)
        self._sockets = None

    async def handle_async_request(self, request):
        if request.url.netloc != self._netloc:
            # Only for other addresses of this machine, without TLS.
            self._sockets = self._sockets or httpx.AsyncHTTPTransport(verify=False)
            return await self._sockets.handle_async_request(request)
        try:
            async with asyncio.timeout(request.extensions["timeout"]["read"]):
                return await self._application.handle_async_request(request)
        except TimeoutError:
            raise httpx.ReadTimeout("", request=request) from None

    async def aclose(self):
        if self._sockets:
            await self._sockets.aclose()


def call_in_process(url, application):
    """Return the lower end of a client that calls `application` where it would connect to `url`."""
    return lambda: _Transport(httpx.URL(url).netloc, application)
