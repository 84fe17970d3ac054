"""Servers of two PostgreSQL majors; in a long run also those of the others that are on this machine."""

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


@pytest.fixture(scope="session", params=SERVERS)
def running_server(request):
    with running(request.param) as server:
        yield server


@pytest.fixture
def server(running_server):
    running_server.reset()
    return running_server
