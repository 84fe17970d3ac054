"""`/pg user list`: the database users of one cluster."""

from dataclasses import dataclass
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, command, returns
from bot.commands.tokenizer import quote_word
from bot.domain.cluster import BY_SQL, Api, ClusterRef, DbUser, made_by
from bot.domain.reply import Column, Note, Reply, make_table, wide
from bot.domain.result import CommandResult
from handlers.shared.argument_types import ClusterArguments
from handlers.shared.list_titles import show_list, title_objects


class UserListArguments(ClusterArguments):
    system: Annotated[bool, InForm(label="System users", hint="Include the users of the platform.")] = False
    """Include the platform's own users"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserList(CommandResult):
    """The database users of a cluster. `created_by` is as the API says it."""

    users: tuple[DbUser, ...]
    cluster: ClusterRef


@returns(UserList)
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
    nothing = f"`{ctx.invocation.line} user create {quote_word(cluster.name)} NAME` adds one."
    parts = show_list(make_table("Users", _COLUMNS, users), listing.gaps, nothing)
    return Reply(
        title_objects(cluster.name, "user", len(users), listing.gaps),
        (*parts, *_list_notes(users, system=args.system)),
        ok=bool(users) or not listing.gaps,
        result=UserList(users=tuple(users), cluster=ClusterRef.of(cluster)),
    )


_COLUMNS: tuple[Column[DbUser], ...] = (
    Column("User", "name", cell=lambda user: user.name),
    Column("Created by", cell=lambda user: made_by(user.created_by, is_system=user.is_system)),
    Column("Created", cell=lambda user: user.created_at),
    wide("Changed", cell=lambda user: user.modified_at),
    wide("System", cell=lambda user: user.is_system),
)


def _list_notes(users: list[DbUser], *, system: bool) -> list[Note]:
    notes = [] if system else ["System users are left out; --system shows them."]
    if any(made_by(each.created_by) == BY_SQL for each in users):
        notes.append("Users created with SQL have to be managed with SQL.")
    odd = [each.name for each in users if each.oddities]
    if odd:
        notes.append(f"The API returned unknown values for {', '.join(odd[:3])}; “user show” lists them.")
    return list(map(Note, notes))
