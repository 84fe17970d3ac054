"""Runs of the readiness check: one is kept whenever a command judges the fleet, and held against the last."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.commands.context import Context
from bot.domain.cluster import Api, Cluster
from bot.domain.migration_records import ClusterVerdict, PreviousRun, ReadinessRun, StoredVerdict
from bot.domain.phrases import format_count
from bot.domain.provenance import digest_value
from bot.domain.reply import Note
from handlers.shared.readiness_check import CheckedFleet
from migrations.burn_down import GONE, MOVED, REPLACED
from migrations.readiness import Assessment
from migrations.v2_presence import PresenceState
from migrations.v2_watch import FleetSnapshot, find_left_v1, record_sightings

_AFTER_V1 = {PresenceState.VISIBLE: MOVED, PresenceState.SUCCESSOR: REPLACED, PresenceState.PENDING: GONE}
"""The standing of a cluster that v1 no longer shows, by its presence in v2."""


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A cluster that v1 shows, or once showed, in the words of a table."""

    verdict: ClusterVerdict
    finding: str
    since: datetime
    was: ClusterVerdict | None


@dataclass(frozen=True, slots=True)
class KeptRun:
    """The rows of a run, the run before, and a note on known clusters that nobody was asked about."""

    rows: list[StatusRow]
    before: PreviousRun
    judged_by: str
    left_out: tuple[Note, ...]


async def read_verdicts(ctx: Context) -> tuple[list[StoredVerdict], tuple[Note, ...]]:
    """Return the stored verdicts on clusters that the person may see, and a note on those left out: of
    contracts that are not asked any more, nobody knows what has become of them."""
    seen = [
        each for each in await ctx.readiness.snapshots.verdicts() if ctx.may_see(as_cluster(each.verdict))
    ]
    asked = ctx.settings.ionos.accounts
    others = {each.verdict.cluster_id for each in seen if each.verdict.contract not in asked}
    return [each for each in seen if each.verdict.contract in asked], _note_left_out(len(others))


def _note_left_out(count: int) -> tuple[Note, ...]:
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
    visible = [each for each in known if ctx.may_see(each.cluster)]
    left = find_left_v1(visible, now)
    found = {each.id for each in (*now.in_v1, *(cluster for cluster, _ in left))}
    left_out = sum(each.cluster.id not in found and not now.asked_for(each) for each in visible)
    findings = {each.cluster.id: _describe_finding(each) for each in report.assessments}
    verdicts = [_make_verdict(each, ctx) for each in report.assessments]
    verdicts += [_describe_cluster(cluster, ctx, _AFTER_V1[where.state]) for cluster, where in left]
    run = ReadinessRun(
        at=report.at,
        clusters=len(report.assessments),
        rules=len(report.rules),
        gaps=len(report.gaps),
        judged_by=digest_value([[each.id, each.severity.value, each.title] for each in report.rules]),
    )
    before = await ctx.readiness.snapshots.keep(run, verdicts)
    rows = [_make_row(each, findings.get(each.cluster_id, ""), before, report.at) for each in verdicts]
    return KeptRun(rows, before, run.judged_by, _note_left_out(left_out))


def _make_row(verdict: ClusterVerdict, finding: str, before: PreviousRun, at: datetime) -> StatusRow:
    kept = before.kept.get(verdict.cluster_id)
    goes_on = kept is not None and kept.verdict.verdict == verdict.verdict
    return StatusRow(verdict, finding, kept.since if kept and goes_on else at, kept.verdict if kept else None)


def _make_verdict(each: Assessment, ctx: Context) -> ClusterVerdict:
    known = _describe_cluster(each.cluster, ctx, each.presence.state.value)
    return replace(
        known,
        verdict=each.readiness.value,
        worst=each.worst.rule.id if each.worst else "",
        clients=each.clients.state.value,
    )


def _describe_cluster(cluster: Cluster, ctx: Context, standing: str) -> ClusterVerdict:
    tags = ctx.tags(cluster)
    return ClusterVerdict(
        cluster_id=cluster.id,
        name=cluster.name,
        contract=cluster.contract,
        region=cluster.region,
        owner=tags.owner or "",
        tier=tags.tier or "",
        standing=standing,
        verdict="",
        worst="",
    )


def _describe_finding(each: Assessment) -> str:
    return f"{each.worst.rule.id} {each.worst.rule.title}" if each.worst else ""
