"""`pgbot readiness`: the readiness of every v1 cluster as a report, for terminals and CI, without Slack."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.domain.cluster import Cluster
from bot.domain.errors import StoreError
from bot.ionos.credentials import resolve_addresses
from bot.ionos.fleet import Fleet, open_fleet
from bot.ionos.http_errors import HttpCall
from bot.ionos.transport import TransportOptions
from bot.programs.contract_secrets import access_of
from bot.programs.output import ExitCode, deliver
from bot.runtime.checked_clock import find_date_listener
from bot.runtime.clock import Clock, SystemClock
from bot.settings.model import Settings, load_settings
from migrations.collect import Collector
from migrations.custom_rules import load_rules
from migrations.formats.readiness_formats import Format, render_report
from migrations.readiness import RANK, ReadinessReport, assess_fleet, merge_waivers
from migrations.rule import Severity

FAIL_ON = ("blocker", "action", "advice", "never")

EXIT_CODES = """exit codes:
  0  nothing at or above --fail-on
  1  findings at or above --fail-on, whether or not everything could be looked at
  2  wrong usage or settings, or the report could not be written
  3  no such finding, but something could not be looked at: a place did not answer, or
     a rule that could have reached --fail-on was inconclusive
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `pgbot readiness`."""
    parser.set_defaults(program=run)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXIT_CODES
    parser.add_argument("--format", choices=[each.value for each in Format], default="text")
    parser.add_argument("--out", type=Path, help="a file, which is there whole or not at all")
    parser.add_argument("--fail-on", choices=FAIL_ON, default="blocker", help="default: blocker")
    parser.add_argument(
        "--reproducible", action="store_true", help="leave out times: the same fleet, the same bytes"
    )


async def run(args: argparse.Namespace) -> int:
    """Assess the fleet and write the report. Raises ConfigError for settings and for an unwritable report."""
    report = await read_report(load_settings(args.config).settings, SystemClock())
    text = render_report(report, Format(args.format), reproducible=args.reproducible)
    await asyncio.to_thread(deliver, text, args.out)
    return exit_code(report, args.fail_on)


async def read_report(settings: Settings, clock: Clock) -> ReadinessReport:
    """Judge every v1 cluster by every rule. Raises ConfigError without a contract and for a bad rule file."""
    active = await asyncio.to_thread(load_rules, settings.migration.rules)
    needs = frozenset(need for rule in active for need in rule.needs)

    def owner(cluster: Cluster) -> str | None:
        return settings.tags(cluster).owner

    async with reading_fleet(settings, clock) as fleet:
        collector = Collector(fleet, needs, say_on_terminal)
        now = clock.now()
        collected = await collector.collect(now, owner_of=owner)
    clusters = [facts.cluster for facts, _ in collected.facts]
    waivers = merge_waivers((), (each.as_waiver() for each in settings.waivers), clusters)
    return assess_fleet(collected, active, now, waivers)


def exit_code(report: ReadinessReport, fail_on: str) -> ExitCode:
    """Return the exit code for CI; see EXIT_CODES."""
    threshold = None if fail_on == "never" else Severity(fail_on)
    if threshold is not None and report.worst_at_least(threshold):
        return ExitCode.FINDINGS
    lacking = (q.rule for each in report.assessments for q in each.questions if not q.ask)
    undecided = threshold is not None and any(RANK[rule.severity] <= RANK[threshold] for rule in lacking)
    return ExitCode.INCOMPLETE if report.gaps or undecided else ExitCode.NOTHING


@asynccontextmanager
async def reading_fleet(settings: Settings, clock: Clock) -> AsyncIterator[Fleet]:
    """Open the fleet for reading only: without a database there is no audit. Raises ConfigError."""
    addresses = resolve_addresses(settings.ionos.api_url, settings.ionos.region_url)
    accesses = [await access_of(contract) for contract in settings.ionos.contracts]
    wiring = TransportOptions(before_write=_refuse, note_date=find_date_listener(clock))
    fleet = open_fleet(accesses, addresses, clock=clock, wiring=wiring)
    try:
        yield fleet
    finally:
        await fleet.close()


async def _refuse(call: HttpCall) -> None:
    raise StoreError(f"{call.method} {call.path} was not sent: this program only reads.")


async def say_on_terminal(words: str) -> None:
    """Show progress on a terminal; a log or a pipe is spared it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{words} …\n")
        sys.stderr.flush()
