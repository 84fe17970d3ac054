"""SQL to run by hand where the API lacks an operation. Names are quoted; it never holds a secret."""

from bot.domain.errors import BadArgument, NotOffered


class RunSql(NotOffered):
    """The cluster's API lacks the operation; `sql` does the same by hand."""

    def __init__(self, sentence: str, next_step: str, *, sql: str) -> None:
        super().__init__(sentence, next_step)
        self.sql = sql


def quote_identifier(name: str) -> str:
    """Return a quoted SQL identifier. Raises BadArgument for an empty or unprintable name."""
    if not name or not name.isprintable():
        raise BadArgument("A name has at least one character, and all of them can be printed.")
    return '"' + name.replace('"', '""') + '"'


def create_user(user: str) -> str:
    """Return SQL for a login role; psql asks for its password and sends it hashed."""
    return f"CREATE ROLE {quote_identifier(user)} LOGIN;\n{set_password(user)}"


def set_password(user: str) -> str:
    """Return the psql command that asks for a password and sends it hashed, so that no log has it."""
    return f"\\password {quote_identifier(user)}"


def delete_user(user: str) -> str:
    """Return SQL that drops a role with its objects and grants, without which PostgreSQL refuses."""
    name = quote_identifier(user)
    return (
        "-- in every database where the role owns something or has rights:\n"
        f"REASSIGN OWNED BY {name} TO CURRENT_USER;\n"
        f"DROP OWNED BY {name};\n"
        "-- then, once:\n"
        f"DROP ROLE {name};"
    )


def create_database(name: str, owner: str) -> str:
    """Return SQL for a database and its owner; only a member of the owner's role can assign it."""
    return (
        f"GRANT {quote_identifier(owner)} TO CURRENT_USER;\n"
        f"CREATE DATABASE {quote_identifier(name)} OWNER {quote_identifier(owner)};"
    )


def delete_database(name: str) -> str:
    """Return SQL that drops a database; it fails while anyone is connected, as a safeguard."""
    return f"DROP DATABASE {quote_identifier(name)};"
