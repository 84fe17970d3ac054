"""`/pg database list`: the databases of one cluster."""

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.domain.cluster import Api, ClusterDatabase
from bot.domain.created_by import BY_SQL, made_by
from bot.domain.phrases import format_count
from bot.domain.reply import Cell, Note, Part, Reply, Table, Text, warn_of_gaps
from handlers.shared.argument_types import ClusterWords


class DatabaseListArguments(Arguments):
    cluster: ClusterWords


@command(
    examples=("database list orders-prod",),
    ionosctl={Api.V1: "ionosctl dbaas postgres database list --cluster-id {cluster}"},
)
async def database_list(args: DatabaseListArguments, ctx: Context) -> Reply:
    """List the databases of a cluster, their owners and who made them.

    v1 only; for a cluster on v2 the answer is the SQL that lists its databases.
    """
    cluster = await ctx.cluster(args.cluster)
    listing = await ctx.fleet.databases(cluster)
    databases = sorted(listing.items, key=lambda each: each.name)
    parts: list[Part] = []
    if databases:
        columns = ("Database", "Owner", "Made by", "Created")
        cells = tuple(_make_row(each) for each in databases)
        parts.append(Table("Databases", columns, cells, name="databases"))
    else:
        parts.append(Text("Nothing could be read." if listing.gaps else "The API shows no databases."))
    parts += warn_of_gaps(listing.gaps)
    parts += [Note(note) for note in _list_notes(databases)]
    return Reply(
        f"{cluster.name}: {format_count(len(databases), 'database')}",
        tuple(parts),
        ok=bool(databases) or not listing.gaps,
    )


def _make_row(database: ClusterDatabase) -> tuple[Cell, ...]:
    return (database.name, database.owner, made_by(database.created_by), database.created_at)


def _list_notes(databases: list[ClusterDatabase]) -> list[str]:
    notes = ["A database that was made a moment ago may be missing."]
    if any(made_by(each.created_by) == BY_SQL for each in databases):
        notes.append("What was made by SQL is managed by SQL.")
    odd = [f"{each.name}: {oddity}" for each in databases for oddity in each.oddities]
    if odd:
        notes.append(f"The API's answer is not as documented: {'; '.join(odd[:3])}")
    return notes
