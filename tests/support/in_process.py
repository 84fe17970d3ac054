"""The simulator without sockets: a request costs a third of the processor time."""

import asyncio

import httpx


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, netloc, application):
        self._netloc = netloc
        self._application = httpx.ASGITransport(application)
        # Only for other addresses of this machine, without TLS.
        self._sockets = httpx.AsyncHTTPTransport(verify=False)

    async def handle_async_request(self, request):
        if request.url.netloc != self._netloc:
            return await self._sockets.handle_async_request(request)
        try:
            async with asyncio.timeout(request.extensions["timeout"]["read"]):
                return await self._application.handle_async_request(request)
        except TimeoutError:
            raise httpx.ReadTimeout("", request=request) from None

    async def aclose(self):
        await self._sockets.aclose()


def call_in_process(url, application):
    """Return the lower end of a client that calls `application` where it would connect to `url`."""
    return lambda: _Transport(httpx.URL(url).netloc, application)
