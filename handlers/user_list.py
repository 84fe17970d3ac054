"""`/pg user list`: the database users of one cluster."""

from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.domain.cluster import Api, DbUser
from bot.domain.created_by import BY_SQL, made_by
from bot.domain.phrases import format_count
from bot.domain.reply import Cell, Note, Part, Reply, Table, Text, warn_of_gaps
from handlers.shared.argument_types import ClusterWords


class UserListArguments(Arguments):
    cluster: ClusterWords
    system: Annotated[bool, Field(description="Also the users of the platform itself")] = False


@command(
    examples=("user list orders-prod", "user list orders-prod --system"),
    ionosctl={Api.V1: "ionosctl dbaas postgres user list --cluster-id {cluster} [--system={system}]"},
)
async def user_list(args: UserListArguments, ctx: Context) -> Reply:
    """List the database users of a cluster, and who made them.

    v1 only; for a cluster on v2 the answer is the SQL that lists its roles.
    """
    cluster = await ctx.cluster(args.cluster)
    listing = await ctx.fleet.users(cluster, system=args.system)
    users = sorted(listing.items, key=lambda each: (bool(each.is_system), each.name))
    parts: list[Part] = []
    if users:
        columns = ("User", "System", "Made by", "Created", "Changed")
        parts.append(Table("Users", columns, tuple(_make_row(each) for each in users), name="users"))
    else:
        parts.append(Text("Nothing could be read." if listing.gaps else "The API shows no users."))
    parts += warn_of_gaps(listing.gaps)
    parts += [Note(note) for note in _list_notes(users, system=args.system)]
    return Reply(
        f"{cluster.name}: {format_count(len(users), 'user')}",
        tuple(parts),
        ok=bool(users) or not listing.gaps,
    )


def _make_row(user: DbUser) -> tuple[Cell, ...]:
    origin = made_by(user.created_by, is_system=user.is_system)
    return (user.name, user.is_system, origin, user.created_at, user.modified_at)


def _list_notes(users: list[DbUser], *, system: bool) -> list[str]:
    notes = [] if system else ["System users are left out; --system shows them."]
    if any(made_by(each.created_by) == BY_SQL for each in users):
        notes.append("What was made by SQL is managed by SQL.")
    odd = [each.name for each in users if each.oddities]
    if odd:
        notes.append(
            f"The API's answer holds something unknown for {', '.join(odd[:3])}; user show says what."
        )
    return notes
