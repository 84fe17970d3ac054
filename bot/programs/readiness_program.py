"""`pgbot readiness`: the readiness of every v1 cluster as a report, for terminals and CI, without Slack."""

import argparse
import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from bot.audit.query import AuditReader
from bot.audit.records import AuditQuery
from bot.domain.cluster import Cluster
from bot.domain.error_codes import ExitCode
from bot.domain.errors import StoreError
from bot.programs.output import deliver_all
from bot.programs.read_only_sources import ReadOnlyDatabase, is_missing, reading_fleet, say_on_terminal
from bot.programs.terminal_screen import find_screen
from bot.runtime.clock import Clock, SystemClock
from bot.settings.model import Settings, Setup, load_settings
from bot.settings.yaml_source import YamlDocument
from handlers.shared.lost_commands import count_uses_by_cluster
from migrations.clients import NO_EVIDENCE, USE_WINDOW, ClientEvidence, ClientState, CommandUse
from migrations.collect import Collector
from migrations.custom_rules import load_rules
from migrations.evidence_files import EvidenceFiles, EvidenceHit, load_evidence
from migrations.facts import MissingFact
from migrations.formats.as_sarif import OWN_FILE, SarifPlace
from migrations.formats.readiness_formats import Format, render_report
from migrations.precheck.precheck_matching import add_prechecks
from migrations.readiness import RANK, ReadinessReport, assess_fleet, merge_waivers
from migrations.rule import Severity

CLIENT_STATES = {
    "still-on-v1": {ClientState.STILL_ON_V1},
    "not-known": {ClientState.STILL_ON_V1, ClientState.NOT_KNOWN},
    "never": set[ClientState](),
}
"""States of clients that end a run with findings, by the word that people type."""

AUDIT_PAUSE = timedelta(days=7)
"""An audit log without a row for so long may be a copy, or that of a bot that runs elsewhere by now."""

DECLARED = "PGR132"
"""The scan's rule about a cluster's own block, which is a better place than another use of it."""


async def run(args: argparse.Namespace) -> int:
    """Assess the fleet and write the report. Raises ConfigError for settings and for an unwritable report."""
    setup = load_settings(args.config)
    sources = (*setup.settings.migration.evidence, *args.evidence)
    clock = SystemClock()
    evidence = await _read_evidence(setup, sources, clock.now())
    report = await read_report(setup.settings, clock, evidence)
    clusters = [each.cluster for each in report.assessments]
    texts = await asyncio.to_thread(
        render_report,
        report,
        Format(args.format),
        reproducible=args.reproducible,
        places=find_places(clusters, evidence.files, setup.settings, setup.document),
        own_file=SarifPlace(name_in_repository(args.out)) if args.out else OWN_FILE,
    )
    await asyncio.to_thread(deliver_all, texts, args.out, find_screen(args, os.environ))
    code = exit_code(report, args.fail_on, args.fail_on_clients)
    return ExitCode.PARTIAL if code is ExitCode.OK and evidence.files.gaps else code


async def read_report(
    settings: Settings, clock: Clock, evidence: ClientEvidence = NO_EVIDENCE
) -> ReadinessReport:
    """Judge every v1 cluster by every rule. Raises ConfigError without a contract and for a bad rule file."""
    active = await asyncio.to_thread(load_rules, settings.migration.rules)
    needs = frozenset(need for rule in active for need in rule.needs)

    def owner(cluster: Cluster) -> str | None:
        return settings.tags(cluster).owner

    async with reading_fleet(settings, clock) as fleet:
        collector = Collector(fleet, needs, say_on_terminal)
        now = clock.now()
        collected = await collector.collect(now, owner_of=owner)
    collected = await asyncio.to_thread(
        add_prechecks, collected, evidence.files.prechecks, now, is_whole=True
    )
    clusters = [facts.cluster for facts, _ in collected.facts]
    waivers = merge_waivers((), (each.as_waiver() for each in settings.waivers), clusters)
    return await asyncio.to_thread(assess_fleet, collected, active, now, waivers, evidence)


async def _read_evidence(setup: Setup, sources: Sequence[str], now: datetime) -> ClientEvidence:
    """Return the evidence about clients, with the audit log of a bot on this machine."""
    files = await asyncio.to_thread(load_evidence, sources)
    if await asyncio.to_thread(is_missing, setup.database):
        return ClientEvidence(files, MissingFact(f"there is no audit log at {setup.database}"))
    database = ReadOnlyDatabase(setup.database)
    try:
        return ClientEvidence(files, await _read_uses(AuditReader(database), now))
    except StoreError as error:
        return ClientEvidence(files, MissingFact(f"the audit log could not be read: {error.sentence}"))
    finally:
        await database.close()


async def _read_uses(audit: AuditReader, now: datetime) -> Mapping[str, Sequence[CommandUse]] | MissingFact:
    newest = await audit.find(AuditQuery(limit=1))
    if not newest or newest[0].at < now - AUDIT_PAUSE:
        return MissingFact("the audit log has had no entry for a week")
    return await count_uses_by_cluster(now - USE_WINDOW, audit)


def exit_code(report: ReadinessReport, fail_on: str, fail_on_clients: str = "never") -> ExitCode:
    """Return the exit code for CI; see `pgbot readiness --help`."""
    threshold = None if fail_on == "never" else Severity(fail_on)
    if threshold is not None and report.worst_at_least(threshold):
        return ExitCode.FAILED
    states = {each.clients.state for each in report.assessments}
    if states & CLIENT_STATES[fail_on_clients]:
        return ExitCode.FAILED
    unknown = fail_on_clients != "never" and ClientState.NOT_KNOWN in states
    lacking = (q.rule for each in report.assessments for q in each.questions if not q.ask)
    undecided = threshold is not None and any(RANK[rule.severity] <= RANK[threshold] for rule in lacking)
    return ExitCode.PARTIAL if report.gaps or undecided or unknown else ExitCode.OK


def find_places(
    clusters: Sequence[Cluster], evidence: EvidenceFiles, settings: Settings, document: YamlDocument
) -> dict[str, SarifPlace]:
    """Return the place of each cluster by id: what scans attribute to it, else its entry under `clusters` in
    app.yaml, else its contract's. Those that none of these has are left out."""
    hits = [hit for scan in evidence.scans for hit in scan.hits if hit.cluster]
    names = Counter(each.name.casefold() for each in clusters)
    by_word: dict[str, EvidenceHit] = {}
    for hit in sorted(hits, key=lambda each: each.rule != DECLARED):
        by_word.setdefault(str(hit.cluster).casefold(), hit)
    found = {}
    for cluster in clusters:
        name = cluster.name.casefold()
        # A name that several clusters have is nobody's in particular.
        words = [cluster.id.casefold(), *([name] if names[name] == 1 else [])]
        known = min(
            (by_word[each] for each in words if each in by_word),
            key=lambda each: each.rule != DECLARED,
            default=None,
        )
        line = next(_settings_lines(cluster, settings, document), None)
        if known is not None:
            found[cluster.id] = SarifPlace(known.path, max(known.line, 1))
        elif line is not None and document.path is not None:
            found[cluster.id] = SarifPlace(name_in_repository(document.path), line)
    return found


def name_in_repository(path: Path) -> str:
    """Return a path as the repository in the working directory has it, absolute where it is outside."""
    whole, here = path.resolve(), Path.cwd()
    return whole.relative_to(here).as_posix() if whole.is_relative_to(here) else whole.as_posix()


def _settings_lines(cluster: Cluster, settings: Settings, document: YamlDocument) -> Iterator[int]:
    for number, entry in enumerate(settings.clusters):
        if entry.match.fits(cluster) and ("clusters", number) in document.lines:
            yield document.lines["clusters", number]
    for number, contract in enumerate(settings.ionos.contracts):
        if contract.name == cluster.contract and ("ionos", "contracts", number) in document.lines:
            yield document.lines["ionos", "contracts", number]
