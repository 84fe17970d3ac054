"""Scripts that create and delete a database."""

from bot.domain.errors import BadArgument
from bot.domain.psql.guards import find_guard
from bot.domain.psql.identifiers import check_name
from bot.domain.psql.psql_script import PsqlScript, SqlOperation, SqlTarget

_EVERY = (
    find_guard("version"),
    find_guard("standby"),
    find_guard("login"),
    find_guard("encoding", "database"),
    find_guard("length", "database"),
)

CREATE = SqlOperation(
    title="Create a database",
    does="Creates an empty database for its owner. PostgreSQL can't do this in a transaction.",
    loses="nothing",
    guards=(
        *_EVERY,
        find_guard("createdb"),
        find_guard("database exists"),
        find_guard("encoding", "owner"),
        find_guard("no role", "owner"),
        find_guard("system role", "owner"),
        find_guard("act as", "owner"),
    ),
    file="create_database.sql",
)
DELETE = SqlOperation(
    title="Delete a database",
    does="Drops one database with everything in it. PostgreSQL can't do this in a transaction.",
    loses="the database with all its data; only a restore of the whole cluster brings it back",
    guards=(
        *_EVERY,
        find_guard("no database"),
        find_guard("current database"),
        find_guard("system database"),
        find_guard("system role", "owner"),
        find_guard("act as", "owner"),
        find_guard("database sessions"),
        find_guard("database in use"),
    ),
    file="delete_database.sql",
    typed="database",
)


def create_database(target: SqlTarget, name: str, owner: str) -> PsqlScript:
    """Return the script that creates a database. Raises BadArgument for a name that is none."""
    check_name("database", name)
    check_name("user", owner)
    return PsqlScript(
        operation=CREATE,
        target=target,
        about=f"Create database {name} for {owner}",
        database="postgres",
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
        operation=DELETE,
        target=target,
        about=f"Delete database {name}",
        database="postgres",
        variables={"database": name},
    )
