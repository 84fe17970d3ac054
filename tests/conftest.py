"""The common setup of every test: its loop, an environment without settings from outside, tables shown."""

import gc
import logging
import os
import random
import signal
import tempfile
from pathlib import Path

import pytest
import structlog
from example_counts import examples
from hypothesis import settings
from xdist.scheduler.loadfile import LoadFileScheduling

from bot.runtime import logger

# How fast the machine is must not decide whether a test passes.
settings.register_profile("pgbot", deadline=None, print_blob=True, max_examples=examples(40, 100))
settings.load_profile("pgbot")

# What tests make is not worth looking through for cycles every 700 objects: 4 % of the time.
gc.set_threshold(100_000, 20, 100)

# A shell starts what runs in the background without it, and programs of the tests would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# With rich about, structlog draws each traceback for half a second, and pytest shows it at most once.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

MEMORY = Path("/dev/shm")  # noqa: S108 - where memory can be had as a folder
ROOM = 4 * 1024**3
"""Bytes; far more than the tests leave behind."""


def _holds_test_folders(folder):
    """Return whether test folders may go there; programs are started from some of them."""
    if not os.access(folder, os.W_OK):
        return False
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize >= ROOM and not disk.f_flag & os.ST_NOEXEC


# The bot waits for the disk with every commit, 6 ms each time on a small machine, and no test cuts the power.
if _holds_test_folders(MEMORY):
    tempfile.tempdir = os.environ["TMPDIR"] = str(MEMORY)


LONGEST = [
    "test_crashes",
    "test_older_copies",
    "test_two_worlds",
    "test_watchdog",
    "test_patterns",
    "test_upgrades",
    "test_wiring",
    "test_engine_carries_on",
    "test_container",
    "test_anchored_start",
    "test_console_keys",
    "test_console_minute",
    "test_console_access",
    "test_results",
    "test_authority",
    "test_wrong_clock",
    "test_ground_shifts",
    "test_every_trouble",
    "test_races",
    "test_modals",
    "test_evidence",
    "test_kept_listings",
    "test_console_layout",
    "test_data_program",
    "test_gateway",
    "test_cli",
    "test_user_deletion",
    "test_every_command",
    "test_terminal_socket",
    "test_hostile_input",
    "test_continuity",
    "test_connections",
    "test_home",
    "test_conditions_add_up",
    "test_drill_workflow",
    "test_canaries",
    "test_readiness_program",
    "test_exact_names",
    "test_full_disk",
    "test_follow_up",
    "test_standing_afresh",
    "test_proof",
    "test_guards",
    "test_names_alike",
    "test_what_is_known",
    "test_waiting_for_slack",
    "test_cluster_properties",
    "test_approval_limits",
    "test_engine_file",
    "test_console_panel",
    "test_name_match",
    "test_console",
    "test_cloud_contract",
    "test_payloads",
    "test_schedule",
    "test_language",
    "test_scan_any_text",
    "test_console_forms",
    "test_unknown",
    "test_fair_cards",
    "test_http_errors",
    "test_terminal_alone",
    "test_starting",
    "test_console_talk",
    "test_step_up",
    "test_recovery",
    "test_data_anchors",
    "test_http_connections",
    "test_aftercheck",
    "test_two_books",
]
"""Files that workers begin with: one of them at the end would leave every other worker idle."""


ONE_WORKER = {"console", "psql", "sdk"}
"""Folders whose tests share what takes seconds to start: a browser, database servers, installed clients."""


class _ByFile(LoadFileScheduling):
    def _split_scope(self, nodeid):
        folder = nodeid.split("/")[1]
        return folder if folder in ONE_WORKER else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Have each file done by one worker, as `--dist loadfile` does, and each folder of ONE_WORKER."""
    return _ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Have each worker begin to collect at another place: in a fresh copy each compiles a part of the tests,
    and finds the rest compiled by the others."""
    report = yield
    number, count = (
        int(os.environ.get(f"PYTEST_XDIST_{name}", "0").strip("gw")) for name in ("WORKER", "WORKER_COUNT")
    )
    if number and isinstance(collector, pytest.Dir) and report.result:
        start = len(report.result) * number // count
        report.result = [*report.result[start:], *report.result[:start]]
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items):
    """Put the longest files first; or, with PYTEST_SEED=n, files and the tests of each in any order.

    Long runs have no limit of time.
    """
    # Each worker has collected from another place, and pytest groups by fixtures what it gets.
    items.sort(key=lambda item: item.path)
    yield
    for each in items:
        if each.get_closest_marker("soak") or "SOAK_RUNS" in os.environ:
            each.add_marker(pytest.mark.timeout(0))
    if seed := os.environ.get("PYTEST_SEED"):
        chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
        places = {path: chance.random() for path in dict.fromkeys(item.path for item in items)}
        turns = {item: 0 if item.get_closest_marker("in_order") else chance.random() for item in items}
        items.sort(key=lambda item: (places[item.path], turns[item]))
    else:
        places = {name: place for place, name in enumerate(LONGEST)}
        items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


def pytest_terminal_summary(terminalreporter):
    """Show the tables that tests have recorded as their "table", passed or not: nobody sees a worker's own
    output."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for table in (value for name, value in report.user_properties if name == "table"):
                terminalreporter.section(report.nodeid)
                terminalreporter.write_line(table)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def log_of_its_own():
    """Restore the log after a test that ran a program in this process: its output is closed by then."""
    settings = structlog.get_config()
    yield
    # A program that has logged nothing has left its settings, and a handler, for the first line.
    logger._pending.clear()
    structlog.configure(**settings)
    root = logging.getLogger()
    for handler in [each for each in root.handlers if type(each).__module__.startswith("bot.runtime.")]:
        root.removeHandler(handler)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    """Hide the developer's tokens, settings and proxies from every test."""
    for name in list(os.environ):
        if name.startswith(("PGBOT_", "IONOS_", "SLACK_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
