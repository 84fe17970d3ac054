"""More connections of one Slack app than Slack takes: the bot says so, and tries again later."""

import asyncio
from datetime import timedelta

import anyio
import pytest
from bot_site import bot_site

from bot.demo.http_client import loopback_client
from bot.demo.workspace.sockets import MOST

pytestmark = pytest.mark.anyio


async def test_an_eleventh_connection_is_refused_with_words_and_tried_again(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site, loopback_client(base_url=site.bot.url) as http:
        sockets = site.demo.workspace.sockets
        others = [object() for _ in range(MOST)]
        (own,) = sockets.connections
        sockets._connections.extend(others)  # as if ten other bots were connected
        own.send_disconnect("refresh_requested")
        with anyio.fail_after(120):
            while (page := (await http.get("/readyz")).json())["slack"]:
                await asyncio.sleep(0.02)
            while "ten are open" not in page["why"]["slack"]:
                await asyncio.sleep(0.02)
                page = (await http.get("/readyz")).json()
            for each in others:
                sockets._connections.remove(each)  # and gone again
            while not page["slack"]:
                site.demo.clock.advance(timedelta(seconds=5))
                await asyncio.sleep(0.05)
                page = (await http.get("/readyz")).json()
