"""What the tests of reports share: a kernel with an app.yaml of their own, and its desk."""

from contextlib import asynccontextmanager

import pytest
from report_kit import desk, settings_with
from terminal_site import terminal_site

from bot.demo.stage import SETTINGS


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Opens a terminal whose app.yaml has these reports."""

    @asynccontextmanager
    async def open_(reports, *, clusters=44):
        settings = settings_with(tmp_path, reports, SETTINGS)
        async with terminal_site(tmp_path, monkeypatch, settings=settings, clusters=clusters) as terminal:
            yield terminal, desk(terminal.kernel)

    return open_
