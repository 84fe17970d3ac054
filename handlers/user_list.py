"""`/pg user list`: the database users of one cluster."""

from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Picks, Positional, command
from bot.domain.cluster import Api, DbUser
from bot.domain.created_by import BY_SQL, made_by
from bot.domain.phrases import counted
from bot.domain.reply import Cell, Note, Part, Reply, Table, Text, Warn


class UserListArguments(Arguments):
    """Whose users."""

    cluster: Annotated[
        str,
        Positional(rest=True),
        Picks("cluster"),
        Field(description="Name, id, or the beginning of a name that no other has"),
    ]
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
        parts.append(Table("Users", columns, tuple(_cells(each) for each in users), name="users"))
    else:
        parts.append(Text("Nothing could be read." if listing.gaps else "The API shows no users."))
    parts += [Warn(f"Could not look at {gap}") for gap in listing.gaps]
    parts += [Note(note) for note in _notes(users, system=args.system)]
    return Reply(
        f"{cluster.name}: {counted(len(users), 'user')}", tuple(parts), ok=bool(users) or not listing.gaps
    )


def _cells(user: DbUser) -> tuple[Cell, ...]:
    origin = made_by(user.created_by, is_system=user.is_system)
    return (user.name, user.is_system, origin, user.created_at, user.modified_at)


def _notes(users: list[DbUser], *, system: bool) -> list[str]:
    notes = [] if system else ["System users are left out; --system shows them."]
    if any(made_by(each.created_by) == BY_SQL for each in users):
        notes.append("What was made by SQL is managed by SQL.")
    odd = [each.name for each in users if each.oddities]
    if odd:
        notes.append(
            f"The API's answer holds something unknown for {', '.join(odd[:3])}; user show says what."
        )
    return notes
