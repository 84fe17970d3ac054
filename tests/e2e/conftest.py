"""The bot behind the Slack simulator, in either of its two modes; time passes at the end."""

from contextlib import asynccontextmanager

import anyio
import pytest
from bot_site import bot_site
from password_site import tick


@asynccontextmanager
async def _site(tmp_path, monkeypatch, mode):
    async with anyio.create_task_group() as ticking:
        async with bot_site(tmp_path, monkeypatch, mode=mode) as site:
            try:
                yield site
            finally:
                # A card's last edit waits for its turn, and the bot for the card.
                ticking.start_soon(tick, site.demo.clock)
        ticking.cancel_scope.cancel()


@pytest.fixture
async def socket_site(tmp_path, monkeypatch):
    async with _site(tmp_path, monkeypatch, "socket") as site:
        yield site


@pytest.fixture
async def http_site(tmp_path, monkeypatch):
    async with _site(tmp_path, monkeypatch, "http") as site:
        yield site
