"""`/pg user show`: one database user of a cluster, and what it owns."""

from dataclasses import dataclass
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Picks, Positional, command, known_as, returns
from bot.domain.cluster import (
    BY_SQL,
    Api,
    Cluster,
    ClusterDatabase,
    ClusterRef,
    DbUser,
    Gap,
    Listing,
    made_by,
)
from bot.domain.errors import CloudError
from bot.domain.reply import Fields, Note, Reply, warn_of_gaps
from bot.domain.result import CommandResult
from handlers.shared.argument_types import UserName
from handlers.shared.database_users import read_user
from handlers.shared.records import warn_of_oddities


class UserShowArguments(Arguments):
    cluster: Annotated[str, Positional(), Picks("cluster"), InForm(hint="Type part of its name.")]
    """Cluster of the user; in quotes if it has spaces"""
    user: UserName


@dataclass(frozen=True, slots=True, kw_only=True)
class UserShow(CommandResult):
    """One database user of a cluster. `created_by` is as the API says it, `owned_databases` is null where the
    databases could not be read."""

    user: DbUser
    owned_databases: tuple[str, ...] | None
    cluster: ClusterRef


@returns(UserShow)
@known_as("owns", "password")
@command(
    examples=("user show orders-prod orders_readonly",),
    ionosctl={Api.V1: "ionosctl dbaas postgres user get --cluster-id {cluster} --user {user}"},
)
async def user_show(args: UserShowArguments, ctx: Context) -> Reply:
    """Show one database user: creator, last change and databases.

    Works on v1; for a cluster on v2 you get the SQL that lists its roles.
    """
    cluster = await ctx.cluster(args.cluster)
    user = await read_user(cluster, args.user, ctx)
    databases = await _read_databases(cluster, ctx)
    owned = sorted(each.name for each in databases.items if each.owner == user.name)
    result = UserShow(
        user=user,
        owned_databases=None if databases.gaps else tuple(owned),
        cluster=ClusterRef.of(cluster),
    )
    pairs = (
        ("Cluster", cluster.name),
        ("System user", user.is_system),
        ("Created by", made_by(user.created_by, is_system=user.is_system)),
        ("Recorded creator", user.created_by),
        ("Created", user.created_at),
        ("Changed", user.modified_at),
        ("Owns databases", ", ".join(result.owned_databases or ()) or None),
    )
    doubts = (*warn_of_gaps(databases.gaps), *warn_of_oddities(user.oddities))
    parts = (Fields(pairs), *doubts, *_note_origin(user))
    return Reply(f"{user.name} in {cluster.name}", parts, result=result)


async def _read_databases(cluster: Cluster, ctx: Context) -> Listing[ClusterDatabase]:
    """Return the cluster's databases, or a gap when they cannot be read: the user is shown all the same."""
    try:
        return await ctx.fleet.databases(cluster)
    except CloudError as error:
        return Listing((), (Gap(where="its databases", why=error.sentence),))


def _note_origin(user: DbUser) -> list[Note]:
    if user.is_system:
        return [Note("This user belongs to the platform and can't be changed or deleted.")]
    if made_by(user.created_by) == BY_SQL:
        return [Note("This user was created with SQL and has to be managed with SQL.")]
    return []
