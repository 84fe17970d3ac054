"""What every test shares: the loop it runs on and an environment without settings from outside."""

import os

import pytest
from hypothesis import settings

# How fast the machine is must not decide whether a test passes.
settings.register_profile("pgbot", deadline=None, print_blob=True)
settings.load_profile("pgbot")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    """No test sees the developer's tokens, settings or proxies."""
    for name in list(os.environ):
        if name.startswith(("PGBOT_", "IONOS_", "SLACK_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
