"""SQL for people to run where the API has no such operation; names in it are quoted, secrets never in it."""

from bot.domain.errors import BadArgument, NotOffered


class RunSql(NotOffered):
    """The cluster's API has no such operation, and `sql` does the same when a person runs it."""

    def __init__(self, sentence: str, next_step: str, *, sql: str) -> None:
        super().__init__(sentence, next_step)
        self.sql = sql


def identifier(name: str) -> str:
    """A name as SQL and psql take it, whatever is in it. Raises BadArgument for what no name may hold."""
    if not name or not name.isprintable():
        raise BadArgument("A name has at least one character, and all of them can be printed.")
    return '"' + name.replace('"', '""') + '"'


def create_user(user: str) -> str:
    """A role that may log in; psql then asks for its password, and sends it hashed."""
    return f"CREATE ROLE {identifier(user)} LOGIN;\n{set_password(user)}"


def set_password(user: str) -> str:
    """psql asks for the password, and sends it hashed: it is in no history and no log."""
    return f"\\password {identifier(user)}"


def delete_user(user: str) -> str:
    """PostgreSQL drops no role that owns something or has been granted something."""
    name = identifier(user)
    return (
        "-- in every database where the role owns something or has rights:\n"
        f"REASSIGN OWNED BY {name} TO CURRENT_USER;\n"
        f"DROP OWNED BY {name};\n"
        "-- then, once:\n"
        f"DROP ROLE {name};"
    )


def create_database(name: str, owner: str) -> str:
    """A role may give a database only to a role that it is a member of."""
    return (
        f"GRANT {identifier(owner)} TO CURRENT_USER;\n"
        f"CREATE DATABASE {identifier(name)} OWNER {identifier(owner)};"
    )


def delete_database(name: str) -> str:
    """Fails while somebody is connected to it, which is a safeguard."""
    return f"DROP DATABASE {identifier(name)};"
