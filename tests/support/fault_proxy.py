"""A proxy in front of a Slack: it loses answers to what Slack has done, or refuses calls."""

from collections import Counter
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web


class FaultProxy:
    """Forwards calls. `lost` and `limited`: so many of a method, about one channel, lose their answer or are
    refused."""

    def __init__(self, upstream, session, channel):
        self.upstream, self.session, self.channel = upstream, session, channel
        self.lost, self.limited, self.asked = Counter(), Counter(), Counter()
        self.on_lost = lambda: None

    async def forward(self, request):
        sent, about = await request.read(), self.channel
        method = request.path.rpartition("/")[2] if about in f"{request.path_qs} {sent}" else ""
        self.asked[method] += 1
        if self.limited[method] > 0:
            self.limited[method] -= 1
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers={"Retry-After": "1"})
        named = ("Authorization", "Content-Type")
        kept = {name: request.headers[name] for name in named if name in request.headers}
        async with self.session.request(
            request.method, f"{self.upstream}{request.path_qs}", data=sent, headers=kept
        ) as answer:
            body, status = await answer.read(), answer.status
            headers = {"X-OAuth-Scopes": answer.headers.get("X-OAuth-Scopes", "")}
        if self.lost[method] > 0:
            self.lost[method] -= 1
            self.on_lost()
            request.transport.abort()
        return web.Response(body=body, status=status, content_type="application/json", headers=headers)


@asynccontextmanager
async def fault_proxy(upstream, channel):
    """Serve a proxy on a loopback port; `url` is its address."""
    async with aiohttp.ClientSession() as session:
        proxy, application = FaultProxy(upstream, session, channel), web.Application()
        application.router.add_route("*", "/{path:.*}", proxy.forward)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        proxy.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield proxy
        finally:
            await runner.cleanup()
