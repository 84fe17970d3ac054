"""The readiness check of clusters, as far as the person may see them, with the waivers in force."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.commands.context import Context
from bot.domain.cluster import Api, Cluster
from bot.domain.migration_records import (
    ClusterSighting,
    ClusterVerdict,
    PreviousRun,
    ReadinessRun,
    StoredVerdict,
)
from bot.domain.phrases import format_count
from bot.domain.reply import Note, Part, Text
from bot.domain.stored_values import digest_value
from bot.settings.model import Tags
from handlers.shared.audit_visibility import sees_everything
from handlers.shared.lost_commands import count_uses_by_cluster
from migrations.burn_down import AfterV1, Standing
from migrations.clients import USE_WINDOW, ClientEvidence, ClientState, ClientVerdict
from migrations.collect import CollectedFacts, Collector, any_cluster
from migrations.custom_rules import load_rules
from migrations.evidence_files import load_evidence
from migrations.formats.readiness_records import ClientsOverview, ClientsRecord
from migrations.precheck.precheck_matching import add_prechecks
from migrations.readiness import Assessment, Readiness, ReadinessReport, assess_fleet, merge_waivers
from migrations.rule import Severity
from migrations.v2_presence import PresenceState
from migrations.v2_watch import FleetSnapshot, find_left_v1, record_sightings


@dataclass(frozen=True, slots=True)
class CheckedFleet:
    """The report, and the facts that it was made of."""

    report: ReadinessReport
    collected: CollectedFacts


async def check_readiness(ctx: Context, include: Callable[[Cluster], bool] = any_cluster) -> CheckedFleet:
    """Check every v1 cluster that `include` selects and the person may see, by every rule.

    Raises ConfigError without any contract and for a rule file that cannot be used, and StoreError.
    """
    rules = await asyncio.to_thread(load_rules, ctx.settings.migration.rules)
    needs = frozenset(need for rule in rules for need in rule.needs)
    at = ctx.now()
    collected = await Collector(ctx.fleet, needs, ctx.progress).collect(
        at, include=include, owner_of=lambda cluster: ctx.tags(cluster).owner, may_see=ctx.may_see
    )
    evidence = ClientEvidence(
        files=await asyncio.to_thread(load_evidence, ctx.settings.migration.evidence),
        commands=await count_uses_by_cluster(at - USE_WINDOW, ctx.audit),
    )
    # Not whole: a precheck of a cluster that the person may not see must not be named.
    collected = await asyncio.to_thread(
        add_prechecks, collected, evidence.files.prechecks, at, is_whole=False
    )
    configured = (each.as_waiver() for each in ctx.settings.waivers)
    clusters = (facts.cluster for facts, _ in collected.facts)
    waivers = merge_waivers(await ctx.readiness.waivers.all(), configured, clusters)
    # Thousands of clusters by dozens of rules take seconds, in which the bot answers others.
    report = await asyncio.to_thread(assess_fleet, collected, rules, at, waivers, evidence)
    return CheckedFleet(report, collected)


_AFTER_V1 = {
    PresenceState.VISIBLE: AfterV1.MOVED,
    PresenceState.SUCCESSOR: AfterV1.REPLACED,
    PresenceState.PENDING: AfterV1.GONE,
}
"""The standing of a cluster that v1 no longer shows, by its presence in v2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstFinding:
    """The finding that matters most."""

    rule: str
    title: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStatus:
    """Standing and verdicts of a cluster in an earlier run, in the words of then; null where it had none."""

    standing: str
    verdict: str | None
    clients: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStatus:
    """A v1 cluster with the keys of the readiness report, or a known one that v1 no longer shows: without
    verdicts. It has had its verdict since the run at `since`; `was` is from the run before."""

    id: str
    name: str
    region: str
    contract: str
    owner: str | None
    tier: str | None
    standing: Standing
    verdict: Readiness | None
    clients: ClientsRecord | None
    worst: WorstFinding | None
    since: datetime
    was: PastStatus | None


@dataclass(frozen=True, slots=True)
class KeptRun:
    """The clusters of a run, the run before, and the number of known clusters that nobody was asked about."""

    rows: list[ClusterStatus]
    before: PreviousRun
    judged_by: str
    left_out: int


async def read_verdicts(ctx: Context) -> tuple[list[StoredVerdict], int]:
    """Return the stored verdicts on clusters that the person may see, and the number left out: of
    contracts that are not asked any more, nobody knows what has become of them."""
    seen = [
        each for each in await ctx.readiness.snapshots.verdicts() if ctx.may_see(as_cluster(each.verdict))
    ]
    asked = ctx.settings.ionos.accounts
    others = {each.verdict.cluster_id for each in seen if each.verdict.contract not in asked}
    return [each for each in seen if each.verdict.contract in asked], len(others)


def note_left_out(count: int) -> tuple[Note, ...]:
    """Return a note on known clusters that nobody was asked about; nothing for none."""
    if not count:
        return ()
    return (
        Note(
            f"Left out: {format_count(count, 'known cluster')} of IONOS contracts that app.yaml no longer "
            "has, or has with other credentials."
        ),
    )


def as_cluster(verdict: ClusterVerdict) -> Cluster:
    """Return as much of the cluster as permissions and names go by."""
    return Cluster(
        id=verdict.cluster_id,
        api=Api.V1,
        contract=verdict.contract,
        region=verdict.region,
        name=verdict.name,
        state="",
    )


async def keep_run(judged: CheckedFleet, ctx: Context) -> KeptRun:
    """Keep a run of the check; return it with the run before, to compare with."""
    report, collected = judged.report, judged.collected
    now = FleetSnapshot(
        in_v1=tuple(each.cluster for each in report.assessments),
        in_v2=collected.in_v2,
        gaps=collected.gaps,
        accounts=ctx.settings.ionos.accounts,
    )
    known = await record_sightings(ctx.readiness.sightings, now, report.at)
    # Rows by the thousand are made beside the loop.
    rows, left_out = await asyncio.to_thread(_list_statuses, report, known, now, ctx)
    verdicts = await asyncio.to_thread(lambda: [_make_verdict(each) for each in rows])
    run = ReadinessRun(
        at=report.at,
        clusters=len(report.assessments),
        rules=len(report.rules),
        gaps=len(report.gaps),
        judged_by=digest_value([[each.id, each.severity.value, each.title] for each in report.rules]),
    )
    before = await ctx.readiness.snapshots.keep(run, verdicts)
    compared = await asyncio.to_thread(lambda: [_compare(each, before.kept.get(each.id)) for each in rows])
    return KeptRun(compared, before, run.judged_by, left_out)


def _list_statuses(
    report: ReadinessReport, known: Sequence[ClusterSighting], now: FleetSnapshot, ctx: Context
) -> tuple[list[ClusterStatus], int]:
    """Return the status of every cluster that the person may see, and the number of known ones left out."""
    visible = [each for each in known if ctx.may_see(each.cluster)]
    left = find_left_v1(visible, now)
    found = {each.id for each in (*now.in_v1, *(cluster for cluster, _ in left))}
    left_out = sum(each.cluster.id not in found and not now.asked_for(each) for each in visible)
    rows = [
        _describe_cluster(each.cluster, ctx.tags(each.cluster), each.presence.state, report.at, each)
        for each in report.assessments
    ]
    rows += [
        _describe_cluster(cluster, ctx.tags(cluster), _AFTER_V1[where.state], report.at)
        for cluster, where in left
    ]
    return rows, left_out


def _describe_cluster(
    cluster: Cluster, tags: Tags, standing: Standing, at: datetime, found: Assessment | None = None
) -> ClusterStatus:
    worst = found.worst if found else None
    return ClusterStatus(
        id=cluster.id,
        name=cluster.name,
        region=cluster.region,
        contract=cluster.contract,
        owner=tags.owner,
        tier=tags.tier,
        standing=standing,
        verdict=found.readiness if found else None,
        clients=ClientsRecord.of(found.clients) if found else None,
        worst=WorstFinding(rule=worst.rule.id, title=worst.rule.title, severity=worst.severity)
        if worst
        else None,
        since=at,
        was=None,
    )


def _make_verdict(each: ClusterStatus) -> ClusterVerdict:
    return ClusterVerdict(
        cluster_id=each.id,
        name=each.name,
        contract=each.contract,
        region=each.region,
        owner=each.owner or "",
        tier=each.tier or "",
        standing=each.standing.value,
        verdict=each.verdict.value if each.verdict else "",
        worst=each.worst.rule if each.worst else "",
        clients=each.clients.verdict.value if each.clients else "",
    )


def _compare(each: ClusterStatus, kept: StoredVerdict | None) -> ClusterStatus:
    """Return the status with what the run before had of the cluster."""
    if kept is None:
        return each
    then = kept.verdict
    was = PastStatus(standing=then.standing, verdict=then.verdict or None, clients=then.clients or None)
    return replace(each, since=kept.since if then.verdict == (each.verdict or "") else each.since, was=was)


def show_clients(verdict: ClientVerdict, report: ReadinessReport, ctx: Context) -> list[Part]:
    """Return one cluster's verdict with the uses that show it, or with what is lacking."""
    return [
        Text("\n".join((f"Clients: {verdict.state}", *verdict.lines))),
        *(note_evidence(report, ctx) if not verdict.uses else []),
    ]


def note_evidence(report: ReadinessReport, ctx: Context) -> list[Part]:
    """Return what the verdicts on clients rest on, and what the evidence lacks; places only for somebody who
    may see every cluster, since a file may be called as a cluster is."""
    everything = sees_everything(ctx)
    lacks = (each.sentence if everything else f"{each.why}." for each in report.client_lacks)
    basis = [Note(report.client_basis)] if report.client_basis else []
    return [*basis, *(Note(f"About clients: {each}") for each in lacks)]


def overview_clients(report: ReadinessReport, ctx: Context) -> ClientsOverview:
    """Return the same for programs, with the verdicts counted."""
    counts = Counter(each.clients.state for each in report.assessments)
    everything = sees_everything(ctx)
    return ClientsOverview(
        verdicts={state: counts[state] for state in ClientState},
        basis=report.client_basis,
        lacks=tuple(each if everything else replace(each, places=()) for each in report.client_lacks),
    )
