"""Runs of the readiness check: one is kept whenever a command judges the fleet, and held against the last."""

from dataclasses import dataclass
from datetime import datetime

from bot.commands.context import Context
from bot.domain.cluster import Api, Cluster
from bot.domain.migration_records import ClusterVerdict, PreviousRun, ReadinessRun, StoredVerdict
from handlers.shared.readiness_check import CheckedFleet
from migrations.burn_down import GONE, MOVED
from migrations.readiness import Assessment
from migrations.v2_watch import FleetSnapshot, find_left_v1, record_sightings


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A cluster that v1 shows, or once showed, in the words of a table."""

    verdict: ClusterVerdict
    finding: str
    since: datetime
    was: ClusterVerdict | None


async def read_verdicts(ctx: Context) -> list[StoredVerdict]:
    """Return the stored verdicts on clusters that the person may see."""
    verdicts = await ctx.readiness.snapshots.verdicts()
    return [each for each in verdicts if ctx.may_see(as_cluster(each.verdict))]


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


async def keep_run(judged: CheckedFleet, ctx: Context) -> tuple[list[StatusRow], PreviousRun]:
    """Keep a run of the check; return its rows, and the run before to compare with."""
    report, collected = judged.report, judged.collected
    now = FleetSnapshot(
        in_v1=tuple(each.cluster for each in report.assessments), in_v2=collected.in_v2, gaps=collected.gaps
    )
    known = await record_sightings(ctx.readiness.sightings, now, report.at)
    left = find_left_v1((each for each in known if ctx.may_see(each.cluster)), now)
    findings = {each.cluster.id: _describe_finding(each) for each in report.assessments}
    verdicts = [_make_verdict(each, ctx) for each in report.assessments]
    verdicts += [_describe_cluster(cluster, ctx, MOVED if shown else GONE) for cluster, shown in left]
    run = ReadinessRun(
        at=report.at,
        clusters=len(report.assessments),
        rules=len(report.rules),
        gaps=len(report.gaps),
    )
    before = await ctx.readiness.snapshots.keep(run, verdicts)
    return [
        _make_row(each, findings.get(each.cluster_id, ""), before, report.at) for each in verdicts
    ], before


def _make_row(verdict: ClusterVerdict, finding: str, before: PreviousRun, at: datetime) -> StatusRow:
    kept = before.kept.get(verdict.cluster_id)
    goes_on = kept is not None and kept.verdict.verdict == verdict.verdict
    return StatusRow(verdict, finding, kept.since if kept and goes_on else at, kept.verdict if kept else None)


def _make_verdict(each: Assessment, ctx: Context) -> ClusterVerdict:
    worst = each.worst
    return _describe_cluster(
        each.cluster, ctx, each.presence.state.value, each.readiness.value, worst.rule.id if worst else ""
    )


def _describe_cluster(
    cluster: Cluster, ctx: Context, standing: str, verdict: str = "", worst: str = ""
) -> ClusterVerdict:
    tags = ctx.tags(cluster)
    return ClusterVerdict(
        cluster_id=cluster.id,
        name=cluster.name,
        contract=cluster.contract,
        region=cluster.region,
        owner=tags.owner or "",
        tier=tags.tier or "",
        standing=standing,
        verdict=verdict,
        worst=worst,
    )


def _describe_finding(each: Assessment) -> str:
    return f"{each.worst.rule.id} {each.worst.rule.title}" if each.worst else ""
