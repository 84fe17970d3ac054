"""`/pg migration watch`: which known v1 clusters have appeared in v2, each told of once."""

from collections.abc import Sequence

from bot.command import Arguments, command
from bot.context import Context
from bot.domain import Cluster
from bot.ledger import Sighting
from bot.owners import people_of
from bot.reply import Audience, Cell, Mention, Note, Part, Reply, Table, Text, Warn
from bot.wording import counted, few
from handlers.migration_show import difference_table
from migrations.twin import Difference
from migrations.watching import Look, differences, look, note, undetermined


@command(examples=("migration watch",))
async def migration_watch(_args: Arguments, ctx: Context) -> Reply:
    """Look which known v1 clusters have appeared in v2, and tell their owners.

    Each is told of once, to everybody in the channel, with what differs between v1 and v2; meant to be run
    by a schedule. Being visible in v2 does not prove that a cluster has moved.
    """
    await ctx.progress("Looking at v1 and every region of v2")
    now = await look(ctx.fleet, ctx.may_see)
    known = [each for each in await note(ctx.ledger.sightings, now, ctx.now()) if ctx.may_see(each.cluster)]
    unclear = undetermined(known, now)
    parts: list[Part] = [Warn(f"Could not look at {gap}") for gap in now.gaps]
    if unclear:
        parts.append(Note(f"Undetermined: {few(each.name for each in unclear)}."))
    if ctx.invocation.external_channel is not False:
        held = Note("Nobody is told here: this channel may be shared with another company.")
        return Reply(_summary(known, now), (*parts, held))
    told = await ctx.ledger.sightings.claim(ctx.invocation.key, ctx.may_see)
    if not told:
        return Reply(_summary(known, now), tuple(parts), ok=bool(known) or not now.gaps)
    title = f"{counted(len(told), 'cluster')} appeared in v2"
    return Reply(title, (*_news(told, ctx), *parts), audience=Audience.CHANNEL)


def _summary(known: Sequence[object], now: Look) -> str:
    if not known and now.gaps:
        return "Nothing could be read, so nobody can tell"
    return f"No further cluster has appeared in v2; {counted(len(known), 'cluster')} known"


def _news(told: Sequence[Sighting], ctx: Context) -> list[Part]:
    compared = [(each, _differences(each)) for each in told]
    owners = [ctx.tags(each.cluster).owner for each in told]
    people = tuple(dict.fromkeys(person for each in owners for person in people_of(each, ctx.settings)))
    rows = tuple(_row(each, found, ctx) for each, found in compared)
    columns = ("Cluster", "Region", "Owner", "How we know", "To look at", "Seen in v2")
    parts: list[Part] = [Mention(people)] if people else []
    parts.append(Table("Appeared in v2", columns, rows, name="appeared-in-v2"))
    parts += [difference_table(found, each.cluster.name) for each, found in compared if found]
    alike = [each.cluster.name for each, found in compared if not found]
    if alike:
        parts.append(Text(f"v1 and v2 say the same: {few(alike)}."))
    return parts


def _row(each: Sighting, found: Sequence[Difference], ctx: Context) -> tuple[Cell, ...]:
    cluster: Cluster = each.cluster
    alarms = sum(difference.is_alarm for difference in found)
    return (
        cluster.name,
        cluster.region,
        ctx.tags(cluster).owner,
        each.how,
        counted(alarms, "difference") if alarms else "nothing",
        each.appeared_at,
    )


def _differences(each: Sighting) -> tuple[Difference, ...]:
    return differences(each.cluster, each.counterpart) if each.counterpart else ()
