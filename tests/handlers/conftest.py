"""Fixtures of the handlers' tests: a terminal in front of the simulator, and readers of replies."""

import pytest
from one_contract import DEMO_SETTINGS
from terminal_site import terminal_site

from bot.domain.reply import Fields, Table


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


@pytest.fixture
async def three_contracts(tmp_path, monkeypatch):
    """A terminal with the demo's own settings."""
    async with terminal_site(tmp_path, monkeypatch, settings=DEMO_SETTINGS) as terminal:
        yield terminal


@pytest.fixture
def table():
    """Return the rows of a reply's table as dictionaries."""

    def rows(reply):
        found = next((part for part in reply.parts if isinstance(part, Table)), None)
        return [dict(zip(found.labels, row, strict=True)) for row in found.rows] if found else []

    return rows


@pytest.fixture
def fields():
    """Return all fields of a reply in one dictionary."""

    def pairs(reply):
        return {name: value for part in reply.parts if isinstance(part, Fields) for name, value in part.pairs}

    return pairs
