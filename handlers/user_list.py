"""`/pg user list`: the database users of one cluster."""

from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.commands.form_layout import InForm
from bot.commands.tokenizer import quote_word
from bot.domain.cluster import Api, DbUser
from bot.domain.created_by import BY_SQL, made_by
from bot.domain.reply import Cell, Column, Note, Part, Reply, Table, Text, warn_of_gaps, wide
from handlers.shared.argument_types import ClusterWords
from handlers.shared.list_titles import UNREAD, title_objects


class UserListArguments(Arguments):
    cluster: ClusterWords
    system: Annotated[
        bool,
        InForm(label="System users", hint="Include the users of the platform."),
        Field(description="Include the platform's own users"),
    ] = False


@command(
    examples=("user list orders-prod", "user list orders-prod --system"),
    ionosctl={Api.V1: "ionosctl dbaas postgres user list --cluster-id {cluster} [--system={system}]"},
)
async def user_list(args: UserListArguments, ctx: Context) -> Reply:
    """List a cluster's database users and who created them.

    Works on v1; for a cluster on v2 you get the SQL that lists its roles.
    """
    cluster = await ctx.cluster(args.cluster)
    listing = await ctx.fleet.users(cluster, system=args.system)
    users = sorted(listing.items, key=lambda each: (bool(each.is_system), each.name))
    parts: list[Part] = []
    if users:
        columns = (Column("User", "name"), "Created by", "Created", wide("Changed"), wide("System"))
        parts.append(Table("Users", columns, tuple(_make_row(each) for each in users), name="users"))
    else:
        name = quote_word(cluster.name)
        nothing = f"`{ctx.invocation.line} user create {name} NAME` adds one."
        parts.append(Text(UNREAD if listing.gaps else nothing))
    parts += warn_of_gaps(listing.gaps)
    parts += [Note(note) for note in _list_notes(users, system=args.system)]
    return Reply(
        title_objects(cluster.name, "user", len(users), listing.gaps),
        tuple(parts),
        ok=bool(users) or not listing.gaps,
    )


def _make_row(user: DbUser) -> tuple[Cell, ...]:
    origin = made_by(user.created_by, is_system=user.is_system)
    return (user.name, origin, user.created_at, user.modified_at, user.is_system)


def _list_notes(users: list[DbUser], *, system: bool) -> list[str]:
    notes = [] if system else ["System users are left out; --system shows them."]
    if any(made_by(each.created_by) == BY_SQL for each in users):
        notes.append("Users created with SQL have to be managed with SQL.")
    odd = [each.name for each in users if each.oddities]
    if odd:
        notes.append(f"The API returned unknown values for {', '.join(odd[:3])}; “user show” lists them.")
    return notes
