"""`/pg database list`: the databases of one cluster."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, returns
from bot.commands.tokenizer import quote_word
from bot.domain.cluster import BY_SQL, Api, ClusterDatabase, ClusterRef, made_by
from bot.domain.reply import Column, Note, Part, Reply, Text, make_table, warn_of_gaps, wide
from bot.domain.result import CommandResult
from handlers.shared.argument_types import ClusterWords
from handlers.shared.list_titles import UNREAD, title_objects


class DatabaseListArguments(Arguments):
    cluster: ClusterWords


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseList(CommandResult):
    """The databases of a cluster. `created_by` is as the API says it."""

    databases: tuple[ClusterDatabase, ...]
    cluster: ClusterRef


@returns(DatabaseList)
@command(
    examples=("database list orders-prod",),
    ionosctl={Api.V1: "ionosctl dbaas postgres database list --cluster-id {cluster}"},
)
async def database_list(args: DatabaseListArguments, ctx: Context) -> Reply:
    """List a cluster's databases with their owners and creators.

    Works on v1; for a cluster on v2 you get the SQL that lists its databases.
    """
    cluster = await ctx.cluster(args.cluster)
    listing = await ctx.fleet.databases(cluster)
    databases = sorted(listing.items, key=lambda each: each.name)
    parts: list[Part] = []
    if databases:
        parts.append(make_table("Databases", _COLUMNS, databases, name="databases"))
    else:
        name = quote_word(cluster.name)
        nothing = f"`{ctx.invocation.line} database create {name} NAME` adds one."
        parts.append(Text(UNREAD if listing.gaps else nothing))
    parts += warn_of_gaps(listing.gaps)
    parts += [Note(note) for note in _list_notes(databases)]
    return Reply(
        title_objects(cluster.name, "database", len(databases), listing.gaps),
        tuple(parts),
        ok=bool(databases) or not listing.gaps,
        result=DatabaseList(databases=tuple(databases), cluster=ClusterRef.of(cluster)),
    )


_COLUMNS: tuple[Column[ClusterDatabase], ...] = (
    Column("Database", "name", cell=lambda database: database.name),
    Column("Owner", cell=lambda database: database.owner),
    Column("Created", cell=lambda database: database.created_at),
    wide("Created by", cell=lambda database: made_by(database.created_by)),
)


def _list_notes(databases: list[ClusterDatabase]) -> list[str]:
    notes = ["A database created a moment ago may not be listed yet."]
    if any(made_by(each.created_by) == BY_SQL for each in databases):
        notes.append("Databases created with SQL have to be managed with SQL.")
    odd = [f"{each.name}: {oddity}" for each in databases for oddity in each.oddities]
    if odd:
        notes.append(f"The API's answer differs from its documentation: {'; '.join(odd[:3])}")
    return notes
