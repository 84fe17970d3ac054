"""SQL that makes the users and databases again on a new cluster, without passwords.

v1's API knows names and owners and nothing of grants, memberships and settings, which live in the database.
"""

from collections.abc import Iterable, Iterator

from bot.domain.cluster import ClusterDatabase
from bot.domain.text_safety import visible
from migrations.facts import ClusterFacts, MissingFact
from migrations.pack.quoting import identifier
from migrations.pack.target_cluster import TargetCluster
from migrations.rules import pgr101_user_names_unfit as user_names
from migrations.rules import pgr104_no_database_fits as database_names

_HEAD = """\
-- Users and databases that v1 lists, for a NEW cluster. Run it with psql --file, as the primary user.
-- A cluster that IONOS moves keeps its own: there this file is not needed.
-- Grants, memberships and settings are not in it, because v1's API does not know them. Take them from the old
-- cluster: pg_dumpall --roles-only --no-role-passwords, and pg_dump for everything inside a database.
\\set ON_ERROR_STOP on
"""


def render(facts: ClusterFacts, target: TargetCluster) -> str:
    """Return `users_and_databases.sql`, for psql."""
    parts = (_users(facts, target), _databases(facts, target), _passwords(facts, target))
    return "\n".join((_HEAD, *("\n".join((*lines, "")) for lines in parts)))


def roles(facts: ClusterFacts, target: TargetCluster) -> tuple[str, ...]:
    """Return the users to make: the cluster's own, but for the one that v2 makes from the credentials."""
    if isinstance(facts.users, MissingFact):
        return ()
    own = {each.name for each in facts.users if each.name and user_names.is_own(each)}
    return tuple(sorted(own - _primary(target)))


def _primary(target: TargetCluster) -> set[str]:
    return {target.user.username} if target.blank(("credentials", "username")) is None else set()


def _users(facts: ClusterFacts, target: TargetCluster) -> Iterator[str]:
    yield "-- Users"
    if isinstance(facts.users, MissingFact):
        yield f"-- v1's users could not be read: {visible(facts.users.why)}"
        return
    if not _primary(target):
        yield "-- Leave out the one that you name in the credentials: v2 makes it with the cluster."
    for name in roles(facts, target):
        yield f"CREATE ROLE {identifier(name)} LOGIN;"
    unclear = sorted(each.name for each in facts.users if user_names.is_own(each) is None)
    yield from (
        f"-- v1 does not say whether this user is the platform's own: {visible(name)}" for name in unclear
    )


def _databases(facts: ClusterFacts, target: TargetCluster) -> Iterator[str]:
    yield "-- Databases. Whoever makes one for another role has to be a member of that role."
    if isinstance(facts.databases, MissingFact):
        yield f"-- v1's databases could not be read: {visible(facts.databases.why)}"
        return
    own = sorted(
        (each for each in facts.databases if each.name and database_names.is_own(each)),
        key=lambda it: it.name,
    )
    made = set(roles(facts, target))
    for owner in sorted({each.owner for each in own if each.owner in made} - {None}, key=str):
        yield f"GRANT {identifier(str(owner))} TO CURRENT_USER;"
    initial = target.user.database if target.blank(("credentials", "database")) is None else None
    yield from _statements(own, initial, made | _primary(target))
    if initial is None:
        yield "-- Leave out the one that you name in the credentials: v2 makes it with the cluster."
    unclear = sorted(each.name for each in facts.databases if database_names.is_own(each) is None)
    yield from (f"-- v1 does not say who made this database: {visible(name)}" for name in unclear)


def _statements(databases: Iterable[ClusterDatabase], initial: str | None, known: set[str]) -> Iterator[str]:
    for each in databases:
        owner = each.owner if each.owner in known else None
        if each.name != initial:
            yield f"CREATE DATABASE {identifier(each.name)}{f' OWNER {identifier(owner)}' if owner else ''};"
        elif owner:
            yield f"ALTER DATABASE {identifier(each.name)} OWNER TO {identifier(owner)};"
        if each.owner and not owner:
            yield f"-- The owner of {visible(each.name)} is not among the users: {visible(each.owner)}"


def _passwords(facts: ClusterFacts, target: TargetCluster) -> Iterator[str]:
    yield "-- Passwords: psql asks for each of them and sends only its hash."
    for name in roles(facts, target):
        if name.isprintable():
            yield f"\\password {identifier(name)}"
        else:
            # The argument of a psql command ends with the line and knows no Unicode form.
            yield f"-- psql's \\password takes no such name, so set this one by hand: {visible(name)}"
