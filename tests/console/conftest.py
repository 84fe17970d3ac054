"""One browser for every test of the page: starting it costs more than any of them."""

import pytest
from workspace_browser import open_browser


@pytest.fixture(scope="session")
def anyio_backend():
    """One loop, so that tests can share the browser."""
    return "asyncio"


@pytest.fixture(scope="session")
async def browser():
    async with open_browser() as shared:
        yield shared
