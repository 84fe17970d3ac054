"""What every test shares: its loop, an environment without settings from outside, tables shown."""

import os

import pytest
from hypothesis import settings

# How fast the machine is must not decide whether a test passes.
settings.register_profile("pgbot", deadline=None, print_blob=True)
settings.load_profile("pgbot")


def pytest_terminal_summary(terminalreporter):
    """Shows what tests have recorded as their "table", passed or not: of a worker's own output nobody sees
    anything."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for table in (value for name, value in report.user_properties if name == "table"):
                terminalreporter.section(report.nodeid)
                terminalreporter.write_line(table)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    """No test sees the developer's tokens, settings or proxies."""
    for name in list(os.environ):
        if name.startswith(("PGBOT_", "IONOS_", "SLACK_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
