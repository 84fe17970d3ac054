"""SQL that makes the users and databases again on a new cluster, without passwords.

v1's API knows names and owners and nothing of grants, memberships and settings, which live in the database.
"""

from collections.abc import Iterable, Iterator

from bot.domain.cluster import ClusterDatabase
from bot.domain.psql.identifiers import LONGEST_NAME, count_bytes
from bot.domain.psql.psql_script import SqlTarget
from bot.domain.psql.scripts import fill_cluster
from migrations.facts import ClusterFacts, MissingFact
from migrations.pack.target_cluster import TargetCluster
from migrations.rules import pgr101_user_names_unfit as user_names
from migrations.rules import pgr104_no_database_fits as database_names

_ABOUT = (
    "Run this on a NEW cluster only. A cluster that IONOS moves keeps its users and databases.",
    (
        "It has no grants, memberships or settings, because v1's API does not return them. Copy them from "
        "the old cluster: use pg_dumpall --roles-only --no-role-passwords, and pg_dump for everything "
        "inside a database."
    ),
)


def render(facts: ClusterFacts, target: TargetCluster) -> str:
    """Return `users_and_databases.sql`, for psql."""
    users = roles(facts, target)
    databases = _own_databases(facts)
    primary = _primary(target)
    owners = {each.name: _known_owner(each, {*users, *primary}) for each in databases}
    initial = target.user.database if target.blank(("credentials", "database")) is None else None
    script = fill_cluster(
        SqlTarget(cluster=facts.cluster.name, primaries=primary),
        users,
        owners,
        initial=initial or "",
        notes=(*_ABOUT, *_list_omissions(facts, {*users, *primary})),
    )
    return script.render()


def roles(facts: ClusterFacts, target: TargetCluster) -> tuple[str, ...]:
    """Return the users to make: the cluster's own, but for the one that v2 makes from the credentials."""
    if isinstance(facts.users, MissingFact):
        return ()
    own = {each.name for each in facts.users if user_names.is_own(each) and _can_be_made(each.name)}
    return tuple(sorted(own - set(_primary(target))))


def _primary(target: TargetCluster) -> tuple[str, ...]:
    return (target.user.username,) if target.blank(("credentials", "username")) is None else ()


def _own_databases(facts: ClusterFacts) -> list[ClusterDatabase]:
    if isinstance(facts.databases, MissingFact):
        return []
    found = {
        each.name: each for each in facts.databases if database_names.is_own(each) and _can_be_made(each.name)
    }
    return [found[name] for name in sorted(found)]


def _known_owner(database: ClusterDatabase, known: set[str]) -> str:
    return database.owner if database.owner in known and database.owner else ""


def _can_be_made(name: str) -> bool:
    is_text = not any(each == "\0" or "\ud800" <= each <= "\udfff" for each in name)
    return is_text and 0 < count_bytes(name) <= LONGEST_NAME


def _list_omissions(facts: ClusterFacts, known: set[str]) -> Iterator[str]:
    if isinstance(facts.users, MissingFact):
        yield f"v1's users could not be read: {facts.users.why}"
    else:
        own = [(each.name, user_names.is_own(each)) for each in facts.users]
        yield from _list_unclear(own, "v1 does not say whether this is a system user", "user")
    if isinstance(facts.databases, MissingFact):
        yield f"v1's databases could not be read: {facts.databases.why}"
        return
    own = [(each.name, database_names.is_own(each)) for each in facts.databases]
    yield from _list_unclear(own, "v1 does not say who created this database", "database")
    for each in _own_databases(facts):
        if each.owner and not _known_owner(each, known):
            yield (
                f"The owner of {each.name}, {each.owner}, is not in the list of users. The primary user "
                "becomes the owner."
            )


def _list_unclear(named: Iterable[tuple[str, bool | None]], question: str, kind: str) -> Iterator[str]:
    for name, is_own in sorted(named, key=lambda each: each[0]):
        if is_own is None:
            yield f"{question}: {name}"
        elif is_own and not _can_be_made(name):
            yield (
                f"Not created: {kind} {name}. Its name has {count_bytes(name)} bytes, and PostgreSQL "
                f"allows 1 to {LONGEST_NAME} bytes of text."
            )
