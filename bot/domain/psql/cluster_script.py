"""A script that makes the users and databases of a cluster again on a new one."""

from collections.abc import Mapping, Sequence

from bot.domain.psql.guards import find_guard
from bot.domain.psql.psql_script import PsqlScript, SqlOperation, SqlTarget

FILL = SqlOperation(
    title="Recreate a cluster's users and databases",
    does="Creates users and databases on a new cluster: the users in one transaction, then each database, "
    "then the owners in one transaction.",
    loses="nothing",
    guards=(
        find_guard("version"),
        find_guard("standby"),
        find_guard("login"),
        find_guard("createrole"),
        find_guard("createdb"),
        find_guard("encoding", "names"),
        find_guard("roles exist"),
        find_guard("databases exist"),
    ),
    file="fill_cluster.sql",
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
        operation=FILL,
        target=target,
        about="Recreate users and databases",
        name="users_and_databases.sql",
        database="postgres",
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
