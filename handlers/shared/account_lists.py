"""Users and databases of a v1 cluster before and after a change, for its effect on the move to v2."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bot.commands.context import Context
from bot.domain.api_capabilities import Operation
from bot.domain.cluster import Cluster, ClusterDatabase, DbUser, Listing
from bot.domain.errors import CloudError
from bot.domain.plan import Plan
from handlers.shared.readiness_effect import MoveFacts, add_readiness_effect
from migrations.facts import MissingFact

T = TypeVar("T")

BY_API = "the API"
"""Creator of what is yet to be made; only the marks of SQL and of the platform count."""


@dataclass(frozen=True, slots=True)
class AccountLists:
    """Both lists as v1 has them, or the reason why one could not be read."""

    cluster: str
    users: tuple[DbUser, ...] | MissingFact
    databases: tuple[ClusterDatabase, ...] | MissingFact

    @property
    def facts(self) -> dict[str, Any]:
        """The lists as fields of `ClusterFacts`."""
        return {"users": self.users, "databases": self.databases}

    def with_user(self, name: str) -> "AccountLists":
        """Return the lists once this user is there."""
        new = DbUser(name=name, cluster_id=self.cluster, is_system=False, created_by=BY_API)
        return replace(self, users=_add(self.users, new))

    def with_database(self, name: str, owner: str) -> "AccountLists":
        """Return the lists once this database is there."""
        new = ClusterDatabase(name=name, cluster_id=self.cluster, owner=owner, created_by=BY_API)
        return replace(self, databases=_add(self.databases, new))

    def without_user(self, name: str) -> "AccountLists":
        """Return the lists once this user is gone."""
        users = self.users
        left = users if isinstance(users, MissingFact) else tuple(each for each in users if each.name != name)
        return replace(self, users=left)

    def without_database(self, name: str) -> "AccountLists":
        """Return the lists once this database is gone."""
        found = self.databases
        left = found if isinstance(found, MissingFact) else tuple(each for each in found if each.name != name)
        return replace(self, databases=left)


async def add_account_effect(
    plan: Plan,
    cluster: Cluster,
    ctx: Context,
    lost: Operation,
    edit: Callable[[AccountLists], AccountLists],
) -> Plan:
    """Return the plan with its effect on the move to v2: `edit` makes the lists after the change, and `lost`
    is the operation that v2 lacks."""
    lists = await _read_accounts(cluster, ctx)
    more = MoveFacts(before=lists.facts, after=edit(lists).facts, lost=lost)
    return await add_readiness_effect(plan, cluster, cluster, ctx, more)


async def _read_accounts(cluster: Cluster, ctx: Context) -> AccountLists:
    """Read both lists of a v1 cluster at once."""
    users, databases = await asyncio.gather(
        _read_whole(ctx.fleet.users(cluster, system=True)), _read_whole(ctx.fleet.databases(cluster))
    )
    return AccountLists(cluster.id, users, databases)


async def _read_whole(reading: Awaitable[Listing[T]]) -> tuple[T, ...] | MissingFact:
    """Return what a listing has. An incomplete one proves nothing about what is missing from it."""
    try:
        listing = await reading
    except CloudError as error:
        return MissingFact(error.sentence)
    return MissingFact(str(listing.gaps[0])) if listing.gaps else listing.items


def _add(known: tuple[T, ...] | MissingFact, new: T) -> tuple[T, ...] | MissingFact:
    return known if isinstance(known, MissingFact) else (*known, new)
