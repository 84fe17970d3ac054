"""`pgbot scan`: code in repositories that still uses v1, for terminals and CI, without Slack."""

import argparse
import asyncio
import importlib
import os
import sys
from datetime import datetime

from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError
from bot.programs.output import deliver_all
from bot.programs.read_only_sources import reading_fleet
from bot.programs.terminal_screen import PROGRESS, find_screen
from bot.runtime.clock import SystemClock
from bot.settings.model import Settings, load_settings
from migrations import rules
from migrations.formats.rules_page import rules_page
from migrations.readiness import RANK
from migrations.rule import Rule, Severity, discover_rules
from migrations.scan.findings import KnownCluster


async def run(args: argparse.Namespace) -> int:
    """Scan and write the report. Raises ConfigError for settings, a missing extra, an unwritable report."""
    _need_the_extra()
    known = await _known_clusters(load_settings(args.config).settings)
    at = None if args.reproducible else SystemClock().now()
    return await asyncio.to_thread(_scan, args, known, at)


def rules_document() -> str:
    """Return `docs/rules.md`: the rules of readiness and scan. Raises ConfigError without the extra."""
    _need_the_extra()
    from migrations.scan.scan import scan_rules  # noqa: PLC0415 - needs the extra

    return rules_page(discover_rules(rules, Rule), scan_rules())


def _need_the_extra() -> None:
    """Raise ConfigError where the parsers are not installed: only the scan needs them."""
    try:
        importlib.import_module("migrations.formats.scan_formats")
    except ModuleNotFoundError as missing:
        raise ConfigError(
            f"pgbot scan needs the package {missing.name}, which is not installed.",
            "Run pip install 'ionos-pg-chatops[scan]'.",
        ) from None


async def _known_clusters(settings: Settings) -> tuple[KnownCluster, ...]:
    """Return the fleet, if there is a contract; parts that do not respond are named on standard error."""
    if not settings.ionos.contracts:
        return ()
    async with reading_fleet(settings, SystemClock()) as fleet:
        listing = await fleet.clusters()
    for gap in listing.gaps:
        sys.stderr.write(f"Hits can’t be matched to clusters of {gap}\n")
    return tuple(KnownCluster(each.id, each.name) for each in listing.items)


def _scan(args: argparse.Namespace, known: tuple[KnownCluster, ...], at: datetime | None) -> ExitCode:
    from migrations.formats.scan_formats import ScanFormat, render_scan  # noqa: PLC0415 - needs the extra
    from migrations.scan.scan import scan_paths  # noqa: PLC0415 - needs the extra

    report = scan_paths(args.paths, known=known, progress=PROGRESS.show)
    deliver_all(render_scan(report, ScanFormat(args.format), at), args.out, find_screen(args, os.environ))
    threshold = None if args.fail_on == "never" else RANK[Severity(args.fail_on)]
    if threshold is not None and any(RANK[hit.severity] <= threshold for hit in report.hits):
        return ExitCode.FAILED
    return ExitCode.PARTIAL if report.gaps or not report.files else ExitCode.OK
