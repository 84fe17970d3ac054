"""SQL that makes the users and databases again on a new cluster, without passwords.

v1's API knows names and owners and nothing of grants, memberships and settings, which live in the database.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from bot.domain.cluster import ClusterDatabase, DbUser
from bot.domain.psql.identifiers import LONGEST_NAME, count_bytes
from bot.domain.psql.psql_script import SqlTarget
from bot.domain.psql.scripts import fill_cluster
from migrations.facts import ClusterFacts, MissingFact, is_own
from migrations.pack.target_cluster import TargetCluster

Account = TypeVar("Account", DbUser, ClusterDatabase)

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
    primary = _primary(target)
    databases = _find_own(facts.databases)
    owners = {name: _known_owner(each, {*users, *primary}) for name, each in databases.items()}
    initial = target.user.database if target.blank("credentials.database") is None else None
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
    primary = _primary(target)
    return tuple(name for name in _find_own(facts.users) if name not in primary)


def _primary(target: TargetCluster) -> tuple[str, ...]:
    return (target.user.username,) if target.blank("credentials.username") is None else ()


def _find_own(things: Sequence[Account] | MissingFact) -> dict[str, Account]:
    """Return the customer's own that can be made, by name and in its order."""
    listed = () if isinstance(things, MissingFact) else things
    found = {each.name: each for each in listed if is_own(each) and _can_be_made(each.name)}
    return dict(sorted(found.items()))


def _known_owner(database: ClusterDatabase, known: set[str]) -> str:
    return database.owner if database.owner in known and database.owner else ""


def _can_be_made(name: str) -> bool:
    is_text = not any(each == "\0" or "\ud800" <= each <= "\udfff" for each in name)
    return is_text and 0 < count_bytes(name) <= LONGEST_NAME


def _list_omissions(facts: ClusterFacts, known: set[str]) -> Iterator[str]:
    if isinstance(facts.users, MissingFact):
        yield f"v1's users could not be read: {facts.users.why}"
    else:
        yield from _list_unclear(facts.users, "v1 does not say whether this is a system user", "user")
    if isinstance(facts.databases, MissingFact):
        yield f"v1's databases could not be read: {facts.databases.why}"
        return
    yield from _list_unclear(facts.databases, "v1 does not say who created this database", "database")
    for each in _find_own(facts.databases).values():
        if each.owner and not _known_owner(each, known):
            yield (
                f"The owner of {each.name}, {each.owner}, is not in the list of users. The primary user "
                "becomes the owner."
            )


def _list_unclear(things: Sequence[DbUser | ClusterDatabase], question: str, kind: str) -> Iterator[str]:
    for each in sorted(things, key=lambda each: each.name):
        if is_own(each) is None:
            yield f"{question}: {each.name}"
        elif is_own(each) and not _can_be_made(each.name):
            yield (
                f"Not created: {kind} {each.name}. Its name has {count_bytes(each.name)} bytes, and "
                f"PostgreSQL allows 1 to {LONGEST_NAME} bytes of text."
            )
