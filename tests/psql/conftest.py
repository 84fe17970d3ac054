"""Servers of two PostgreSQL majors; in a long run also those of the others that are on this machine."""

from contextlib import ExitStack
from functools import cache

import pytest
from postgres_servers import all_installs, running, wheel_installs

SERVERS = [
    pytest.param(
        install,
        id=f"postgresql-{major}",
        marks=[] if major in wheel_installs() else pytest.mark.soak,
    )
    for major, install in all_installs().items()
]


@pytest.fixture(scope="session")
def start():
    """Start the server of an install once: another one for each file would take half of the time."""
    with ExitStack() as stack:
        yield cache(lambda install: stack.enter_context(running(install)))


@pytest.fixture(scope="session", params=SERVERS)
def running_server(request, start):
    return start(request.param)


@pytest.fixture
def server(running_server):
    running_server.reset()
    return running_server
