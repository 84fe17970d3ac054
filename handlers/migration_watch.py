"""`/pg migration watch`: which known v1 clusters have appeared in v2, each told of once."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.access.owners import people_of
from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, known_as, returns
from bot.domain.cluster import ClusterRef
from bot.domain.migration_records import ClusterSighting
from bot.domain.phrases import format_count, join_some
from bot.domain.reply import (
    Audience,
    Code,
    Column,
    Mention,
    Note,
    Part,
    Reply,
    Text,
    show_table,
    warn_of_gaps,
)
from bot.domain.result import CommandResult
from bot.domain.text_safety import visible
from handlers.shared.list_titles import describe_gaps
from migrations.v1_v2_diff import Difference
from migrations.v2_presence import PresenceState
from migrations.v2_watch import (
    FleetSnapshot,
    find_undetermined,
    read_fleet,
    record_sightings,
    sort_differences,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppearedCluster:
    """A known cluster as v1 showed it last, and its presence in v2. `v2_id` is null where you may not see the
    cluster there. One that `is_new` is announced by this run, with its differences: null for others."""

    id: str
    name: str
    region: str
    contract: str
    owner: str | None
    standing: PresenceState
    standing_how: str
    v2_id: str | None
    appeared_at: datetime
    is_new: bool
    differences: tuple[Difference, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationWatch(CommandResult):
    """The known v1 clusters that v2 has shown, the newest first, and those whose presence is undetermined.

    The announcement `is_held` in a channel that may be shared with another company.
    """

    appeared: tuple[AppearedCluster, ...]
    undetermined: tuple[ClusterRef, ...]
    known_count: int
    is_held: bool


@returns(MigrationWatch)
@known_as("appeared")
@command(examples=("migration watch",))
async def migration_watch(_args: Arguments, ctx: Context) -> Reply:
    """Tell owners which of their v1 clusters have appeared in v2.

    Each cluster is announced once, to everyone in the channel, with the differences between v1 and v2. Meant
    to run on a schedule. A cluster that v2 shows has not necessarily moved.
    """
    await ctx.progress("Reading v1 and every region of v2")
    now = await read_fleet(ctx.fleet, ctx.may_see, ctx.settings.ionos.accounts)
    known = [
        each
        for each in await record_sightings(ctx.readiness.sightings, now, ctx.now())
        if ctx.may_see(each.cluster)
    ]
    unclear = find_undetermined(known, now)
    parts = warn_of_gaps(now.gaps)
    if unclear:
        parts.append(Note(f"Undetermined: {join_some(each.name for each in unclear)}."))
    is_held = ctx.invocation.external_channel is not False
    told = () if is_held else await ctx.readiness.sightings.claim(ctx.invocation.key, ctx.may_see)
    result = MigrationWatch(
        appeared=tuple(_find_appeared(known, {each.cluster.id for each in told}, ctx)),
        undetermined=tuple(map(ClusterRef.of, unclear)),
        known_count=len(known),
        is_held=is_held,
    )
    if is_held:
        held = Note("Owners are not notified: this channel may be shared with another company.")
        return Reply(_make_title(known, now), (*parts, held), result=result)
    so_far = show_table("Appeared in v2", _COLUMNS, result.appeared)
    if not told:
        nothing = (
            [] if known or now.gaps else [Text("Clusters on v1 are known once a listing has shown them.")]
        )
        is_read = bool(known) or not now.gaps
        return Reply(_make_title(known, now), (*nothing, *so_far, *parts), ok=is_read, result=result)
    news = (*_show_news(told, ctx), *so_far, *parts)
    return Reply(_count_news(told), news, audience=Audience.CHANNEL, result=result)


def _make_title(known: Sequence[object], now: FleetSnapshot) -> str:
    if not known:
        return (
            f"No v1 cluster could be read{describe_gaps(now.gaps)}" if now.gaps else "No v1 cluster is known"
        )
    known_clusters = format_count(len(known), "cluster")
    return f"No new clusters in v2; {known_clusters} known{describe_gaps(now.gaps)}"


def _count_news(told: Sequence[ClusterSighting]) -> str:
    """Count clusters whose id v2 shows apart from those that only have a probable successor."""
    probable = sum(each.has_successor for each in told)
    shown = f"{format_count(len(told) - probable, 'cluster')} appeared in v2"
    if not probable:
        return shown
    successors = f"{format_count(probable, 'cluster')} with a probable successor in v2"
    return successors if probable == len(told) else f"{shown}, {successors}"


def _find_appeared(
    known: Sequence[ClusterSighting], told: Collection[str], ctx: Context
) -> Iterator[AppearedCluster]:
    """Yield all of them, not the news alone: a report compares its tables with those of the last run."""
    found = [(each.appeared_at, each) for each in known if each.appeared_at is not None]
    found.sort(key=lambda each: (each[0], each[1].cluster.name, each[1].cluster.id))
    for at, each in reversed(found):
        cluster, after = each.cluster, each.counterpart
        is_new = cluster.id in told
        yield AppearedCluster(
            id=cluster.id,
            name=cluster.name,
            region=cluster.region,
            contract=cluster.contract,
            owner=ctx.tags(cluster).owner,
            standing=PresenceState.SUCCESSOR if each.has_successor else PresenceState.VISIBLE,
            standing_how=each.how,
            v2_id=after.id if after is not None and ctx.may_see(after) else None,
            appeared_at=at,
            is_new=is_new,
            differences=sort_differences(cluster, after) if is_new and after is not None else None,
        )


def _describe_evidence(each: AppearedCluster) -> str:
    is_same = each.standing is PresenceState.VISIBLE
    return each.standing_how if is_same else f"{each.standing}: {each.standing_how}"


_COLUMNS: tuple[Column[AppearedCluster], ...] = (
    Column("Cluster", cell=lambda each: each.name),
    Column("Region", cell=lambda each: each.region),
    Column("Owner", cell=lambda each: each.owner),
    Column("Evidence", cell=_describe_evidence),
    Column("Seen in v2", cell=lambda each: each.appeared_at),
)


def _show_news(told: Sequence[ClusterSighting], ctx: Context) -> list[Part]:
    owners = [ctx.tags(each.cluster).owner for each in told]
    people = tuple(dict.fromkeys(person for each in owners for person in people_of(each, ctx.settings)))
    lines = [line for each in told for line in _describe_sighting(each)]
    return [*([Mention(people)] if people else []), Code("\n".join(map(visible, lines)))]


def _describe_sighting(each: ClusterSighting) -> list[str]:
    """Return lines on one cluster and its differences, those to look at first."""
    found = sort_differences(each.cluster, each.counterpart) if each.counterpart else ()
    alarms = sum(difference.is_alarm for difference in found)
    what = f"{format_count(alarms, 'difference')} to check" if alarms else "nothing to check"
    match = f"{PresenceState.SUCCESSOR}: {each.how}" if each.has_successor else each.how
    differences = (f"  {own.field}: {own.before} → {own.after} ({own.meaning}: {own.why})" for own in found)
    return [f"{each.cluster.name} ({match}): {what}", *differences]
