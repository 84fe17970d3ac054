"""`/pg database list`: the databases of one cluster."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import command, returns
from bot.commands.tokenizer import quote_word
from bot.domain.cluster import BY_SQL, Api, ClusterDatabase, ClusterRef, made_by
from bot.domain.reply import Column, Note, Reply, make_table, wide
from bot.domain.result import CommandResult
from handlers.shared.argument_types import ClusterArguments
from handlers.shared.list_titles import show_list, title_objects


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
async def database_list(args: ClusterArguments, ctx: Context) -> Reply:
    """List a cluster's databases with their owners and creators.

    Works on v1; for a cluster on v2 you get the SQL that lists its databases.
    """
    cluster = await ctx.cluster(args.cluster)
    listing = await ctx.fleet.databases(cluster)
    databases = sorted(listing.items, key=lambda each: each.name)
    nothing = f"`{ctx.invocation.line} database create {quote_word(cluster.name)} NAME` adds one."
    parts = show_list(make_table("Databases", _COLUMNS, databases), listing.gaps, nothing)
    return Reply(
        title_objects(cluster.name, "database", len(databases), listing.gaps),
        (*parts, *_list_notes(databases)),
        ok=bool(databases) or not listing.gaps,
        result=DatabaseList(databases=tuple(databases), cluster=ClusterRef.of(cluster)),
    )


_COLUMNS: tuple[Column[ClusterDatabase], ...] = (
    Column("Database", "name", cell=lambda database: database.name),
    Column("Owner", cell=lambda database: database.owner),
    Column("Created", cell=lambda database: database.created_at),
    wide("Created by", cell=lambda database: made_by(database.created_by)),
)


def _list_notes(databases: list[ClusterDatabase]) -> list[Note]:
    notes = ["A database created a moment ago may not be listed yet."]
    if any(made_by(each.created_by) == BY_SQL for each in databases):
        notes.append("Databases created with SQL have to be managed with SQL.")
    odd = [f"{each.name}: {oddity}" for each in databases for oddity in each.oddities]
    if odd:
        notes.append(f"The API's answer differs from its documentation: {'; '.join(odd[:3])}")
    return list(map(Note, notes))
