"""Scripts that create, change and delete the users and databases of a cluster, or make all of them again."""

from collections.abc import Mapping, Sequence

from bot.domain.errors import BadArgument
from bot.domain.psql.identifiers import check_name
from bot.domain.psql.psql_script import PsqlScript, SqlOperation, SqlTarget, find_guards, read_sql

_EVERY = find_guards("version", "standby", "login")
_USER = (*_EVERY, *find_guards("createrole", "encoding: role", "length: role"))
_STANDING = find_guards("no role: role", "primary", "system role: role")
_USER_DELETION = (
    *(*_USER, *_STANDING),
    *find_guards("no role: heir", "same heir", "system role: heir"),
    *find_guards("act as: role", "role sessions", "role prepared"),
)
_DATABASE = (*_EVERY, *find_guards("encoding: database", "length: database"))

CREATE_USER = SqlOperation(
    title="Create a user",
    does="Creates a user that may log in. psql asks for its password and sends only the hash.",
    loses="nothing",
    guards=(*_USER, *find_guards("reserved", "role exists")),
    file="create_user.sql",
)
SET_PASSWORD = SqlOperation(
    title="Set a user's password",
    does="Sets the password of one user. psql asks for it and sends only the hash.",
    loses="the old password, which no longer works",
    guards=(*_USER, *_STANDING, *find_guards("act as: role")),
    file="set_password.sql",
)
DELETE_USER = SqlOperation(
    title="Delete a user, keep its objects",
    does="Gives the user's objects in one database to another user and revokes its privileges there. Deletes "
    "the user once no other database refers to it: run the script in each database that it names.",
    loses="the user, its privileges, settings and memberships, and policies for it alone, but no data",
    guards=(*_USER_DELETION, *find_guards("definer")),
    file="delete_user.sql",
    typed="role",
)
DELETE_USER_WITH_OBJECTS = SqlOperation(
    title="Delete a user and its objects",
    does="Drops the user's objects in one database and revokes its privileges there; databases get another "
    "owner. Deletes the user once no other database refers to it: run the script in each that it names.",
    loses="every table and other object that the script lists, with all data in them",
    guards=(*_USER_DELETION, *find_guards("partitions")),
    file="delete_user.sql",
    typed="role",
)
CREATE_DATABASE = SqlOperation(
    title="Create a database",
    does="Creates an empty database for its owner. PostgreSQL can't do this in a transaction.",
    loses="nothing",
    guards=(
        *_DATABASE,
        *find_guards("createdb", "database exists", "encoding: owner"),
        *find_guards("no role: owner", "system role: owner", "act as: owner"),
    ),
    file="create_database.sql",
)
DELETE_DATABASE = SqlOperation(
    title="Delete a database",
    does="Drops one database with everything in it. PostgreSQL can't do this in a transaction.",
    loses="the database with all its data; only a restore of the whole cluster brings it back",
    guards=(
        *_DATABASE,
        *find_guards("no database", "current database", "system database"),
        *find_guards("system role: owner", "act as: owner", "database sessions", "database in use"),
    ),
    file="delete_database.sql",
    typed="database",
)
FILL_CLUSTER = SqlOperation(
    title="Recreate a cluster's users and databases",
    does="Creates users and databases on a new cluster: the users in one transaction, then each database, "
    "then the owners in one transaction.",
    loses="nothing",
    guards=(
        *_EVERY,
        *find_guards("createrole", "createdb", "encoding: names", "roles exist", "databases exist"),
    ),
    file="fill_cluster.sql",
)


def create_user(target: SqlTarget, user: str) -> PsqlScript:
    """Return the script that creates a login role. Raises BadArgument for a name that is none."""
    check_name("user", user)
    return PsqlScript(
        operation=CREATE_USER, target=target, about=f"Create user {user}", variables={"role": user}
    )


def set_password(target: SqlTarget, user: str) -> PsqlScript:
    """Return the script that sets a password. Raises BadArgument as `create_user`, and for a primary user."""
    check_name("user", user)
    _keep_primary_user(target, user)
    return PsqlScript(
        operation=SET_PASSWORD,
        target=target,
        about=f"Set the password of user {user}",
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
        operation=DELETE_USER_WITH_OBJECTS if drop_objects else DELETE_USER,
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


def create_database(target: SqlTarget, name: str, owner: str) -> PsqlScript:
    """Return the script that creates a database. Raises BadArgument for a name that is none."""
    check_name("database", name)
    check_name("user", owner)
    return PsqlScript(
        operation=CREATE_DATABASE,
        target=target,
        about=f"Create database {name} for {owner}",
        variables={"database": name, "owner": owner},
    )


def delete_database(target: SqlTarget, name: str) -> PsqlScript:
    """Return the script that drops a database. Raises BadArgument, also for the initial one.

    Source: a PUT on v2 makes the database of the credentials if there is none (ionos-api-notes, section 5).
    """
    check_name("database", name)
    if name == target.initial:
        raise BadArgument(
            f"{name} is the database in the credentials of {target.cluster}, so the next change of the "
            "cluster would recreate it, empty.",
            "Name another database there first, in `credentials` under `clusters` of app.yaml.",
        )
    return PsqlScript(
        operation=DELETE_DATABASE,
        target=target,
        about=f"Delete database {name}",
        variables={"database": name},
    )


_UNLESS_CONNECTED = """\
SELECT :'{0}' <> current_user AS pgbot_needed \\gset
\\if :pgbot_needed
{1}
\\endif"""
_UNLESS_THERE = """\
SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = :'{0}'::text) AS pgbot_needed \\gset
\\if :pgbot_needed
CREATE DATABASE :"{0}";
\\endif"""


def fill_cluster(
    target: SqlTarget,
    users: Sequence[str],
    owners: Mapping[str, str],
    *,
    initial: str = "",
    notes: tuple[str, ...] = (),
) -> PsqlScript:
    """Return the script for these users, and these databases with their owners; "" is the primary user.

    `initial` is the database that the new cluster has already; "" where nobody knows its name. `notes` say
    what is left out.
    """
    roles = _number("role", users)
    names = _number("database", tuple(owners))
    held = _number("owner", tuple(owners.values()))
    every = "".join((*users, *owners, *owners.values()))
    create = (_UNLESS_CONNECTED.format(each, f'CREATE ROLE :"{each}" LOGIN;') for each in roles)
    passwords = (_UNLESS_CONNECTED.format(each, f'\\password :"{each}"') for each in roles)
    return PsqlScript(
        operation=FILL_CLUSTER,
        target=target,
        about="Recreate users and databases",
        name="users_and_databases.sql",
        variables={"initial": initial, "names": every, **roles, **names, **held},
        notes=notes,
        parts={
            "role_names": _list_values(roles),
            "database_names": _list_values(names),
            "owner_names": _list_values(held),
            "create_roles": "\n".join(create),
            "create_databases": "\n".join(map(_UNLESS_THERE.format, names)),
            "set_passwords": "\n".join(passwords),
        },
    )


def _number(kind: str, values: Sequence[str]) -> dict[str, str]:
    return {f"{kind}_{number}": value for number, value in enumerate(values, 1)}


def _list_values(variables: Mapping[str, str]) -> str:
    return ", ".join(f":'{name}'" for name in variables)
