"""A browser for every test of the page, since starting it is slower than any test."""

import pytest
from workspace_browser import open_browser


@pytest.fixture(scope="session")
async def browser():
    async with open_browser() as shared:
        yield shared
