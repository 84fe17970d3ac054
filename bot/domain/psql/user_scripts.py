"""Scripts that create a database user, set its password, and delete it."""

from bot.domain.errors import BadArgument
from bot.domain.psql.guards import find_guard, read_sql
from bot.domain.psql.identifiers import check_name
from bot.domain.psql.psql_script import PsqlScript, SqlOperation, SqlTarget

_EVERY = (
    find_guard("version"),
    find_guard("standby"),
    find_guard("login"),
    find_guard("createrole"),
    find_guard("encoding", "role"),
    find_guard("length", "role"),
)
_STANDING = (find_guard("no role", "role"), find_guard("primary"), find_guard("system role", "role"))
_DELETION = (
    *_EVERY,
    *_STANDING,
    find_guard("no role", "heir"),
    find_guard("same heir"),
    find_guard("system role", "heir"),
    find_guard("act as", "role"),
    find_guard("role sessions"),
    find_guard("role prepared"),
)

CREATE = SqlOperation(
    title="Create a user",
    does="Creates a user that may log in. psql asks for its password and sends only the hash.",
    loses="nothing",
    guards=(*_EVERY, find_guard("reserved"), find_guard("role exists")),
    file="create_user.sql",
)
SET_PASSWORD = SqlOperation(
    title="Set a user's password",
    does="Sets the password of one user. psql asks for it and sends only the hash.",
    loses="the old password, which no longer works",
    guards=(*_EVERY, *_STANDING, find_guard("act as", "role")),
    file="set_password.sql",
)
DELETE = SqlOperation(
    title="Delete a user, keep its objects",
    does="Gives the user's objects in one database to another user and revokes its privileges there. Deletes "
    "the user once no other database refers to it: run the script in each database that it names.",
    loses="the user, its privileges, settings and memberships, and policies for it alone, but no data",
    guards=(*_DELETION, find_guard("definer")),
    file="delete_user.sql",
    typed="role",
)
DELETE_WITH_OBJECTS = SqlOperation(
    title="Delete a user and its objects",
    does="Drops the user's objects in one database and revokes its privileges there; databases get another "
    "owner. Deletes the user once no other database refers to it: run the script in each that it names.",
    loses="every table and other object that the script lists, with all data in them",
    guards=(*_DELETION, find_guard("partitions")),
    file="delete_user.sql",
    typed="role",
)


def create_user(target: SqlTarget, user: str) -> PsqlScript:
    """Return the script that creates a login role. Raises BadArgument for a name that is none."""
    check_name("user", user)
    return PsqlScript(
        operation=CREATE,
        target=target,
        about=f"Create user {user}",
        database="postgres",
        variables={"role": user},
    )


def set_password(target: SqlTarget, user: str) -> PsqlScript:
    """Return the script that sets a password. Raises BadArgument as `create_user`, and for a primary user."""
    check_name("user", user)
    _keep_primary_user(target, user)
    return PsqlScript(
        operation=SET_PASSWORD,
        target=target,
        about=f"Set the password of user {user}",
        database="postgres",
        variables={"role": user},
    )


def delete_user(target: SqlTarget, user: str, heir: str = "", *, drop_objects: bool = False) -> PsqlScript:
    """Return the script that deletes a role. Raises BadArgument as `set_password`.

    `heir` gets what the user owns; "" is the primary user. With `drop_objects` it is dropped instead, and
    the heir gets the databases alone.
    """
    check_name("user", user)
    _keep_primary_user(target, user)
    if heir:
        check_name("user", heir)
    objects = "drop_objects.sql" if drop_objects else "hand_over_objects.sql"
    return PsqlScript(
        operation=DELETE_WITH_OBJECTS if drop_objects else DELETE,
        target=target,
        about=f"Delete user {user}{' and its objects' if drop_objects else ''}",
        database="DATABASE",
        variables={"role": user, "heir": heir or target.primary},
        setup=() if heir or target.primary else ("SELECT current_user AS heir \\gset",),
        parts={"plan": read_sql("user_deletion_plan.sql"), "objects": read_sql(objects)},
    )


def _keep_primary_user(target: SqlTarget, user: str) -> None:
    if user in target.primaries:
        raise BadArgument(
            f"{user} is the primary user of {target.cluster}, so SQL must neither delete it nor set its "
            "password.",
            "Its password is the one in the cluster's credentials.",
        )
