"""Runs of the readiness check: one is kept whenever a command judges the fleet, and held against the last."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.commands.context import Context
from bot.domain.cluster import Api, Cluster
from bot.domain.migration_records import ClusterVerdict, PreviousRun, ReadinessRun, StoredVerdict
from bot.domain.phrases import format_count
from bot.domain.reply import Note
from bot.domain.stored_values import digest_value
from bot.settings.model import Tags
from handlers.shared.readiness_check import CheckedFleet
from migrations.burn_down import AfterV1, Standing
from migrations.formats.readiness_records import ClientsRecord
from migrations.readiness import Assessment, Readiness
from migrations.rule import Severity
from migrations.v2_presence import PresenceState
from migrations.v2_watch import FleetSnapshot, find_left_v1, record_sightings

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

    @classmethod
    def of(cls, kept: ClusterVerdict) -> "PastStatus":
        """Return the record of a stored verdict."""
        return cls(standing=kept.standing, verdict=kept.verdict or None, clients=kept.clients or None)


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
    run = ReadinessRun(
        at=report.at,
        clusters=len(report.assessments),
        rules=len(report.rules),
        gaps=len(report.gaps),
        judged_by=digest_value([[each.id, each.severity.value, each.title] for each in report.rules]),
    )
    before = await ctx.readiness.snapshots.keep(run, [_make_verdict(each) for each in rows])
    compared = [_compare(each, before.kept.get(each.id)) for each in rows]
    return KeptRun(compared, before, run.judged_by, left_out)


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
    """Return the verdict to store."""
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
    is_same = kept.verdict.verdict == (each.verdict or "")
    return replace(each, since=kept.since if is_same else each.since, was=PastStatus.of(kept.verdict))
