"""IONOS's own clients, ready to run: installed before the first test that asks for one."""

import pytest
from sdk_environments import NoEnvironment, sdk_python
from sdk_site import Sdk


def _ready(api):
    try:
        return Sdk(api, sdk_python(api))
    except NoEnvironment as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def sdk_v1():
    return _ready("v1")


@pytest.fixture(scope="session")
def sdk_v1_newer():
    """Return the release 3.0.0 for v1, which checks answers against today's limits for requests."""
    return _ready("v1-3.0.0")


@pytest.fixture(scope="session")
def sdk_v2():
    return _ready("v2")
