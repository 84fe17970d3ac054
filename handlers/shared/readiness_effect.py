"""The effect of every planned change on the move to v2, added to the plan where plans are made."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.commands.context import Context
from bot.domain.api_capabilities import Operation
from bot.domain.cluster import Cluster, ClusterDatabase, DbUser, Listing, PostgresVersion
from bot.domain.errors import CloudError, ConfigError
from bot.domain.migration_records import Waiver
from bot.domain.plan import Plan
from migrations.change_effect import compare_readiness, is_pending
from migrations.clients import USE_WINDOW, ClientState
from migrations.collect import select_region
from migrations.custom_rules import load_rules
from migrations.facts import NOT_FETCHED, ClusterFacts, MissingFact
from migrations.readiness import ALL_CLUSTERS, merge_waivers

_AS_SCRIPT = "After the move to v2, this needs SQL: “{command}” then writes a psql script"

AFTER_MOVE = {
    Operation.USERS: f"{_AS_SCRIPT} (PGR100).",
    Operation.DATABASES: f"{_AS_SCRIPT} (PGR103).",
    Operation.RESTORE_FROM_BACKUP: "After the move to v2, a restore in place needs only a time: v2 chooses"
    " the backup.",
    Operation.DETACH: "After the move to v2, a cluster can’t be detached from its network.",
}
"""Operations that changes use and v2 lacks; source: `bot.domain.api_capabilities.LACKS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFacts:
    """Facts for the effect on the move besides the cluster itself, as the planner has them.

    `before` and `after` are fields of `ClusterFacts`. `lost` is the operation used that v2 lacks. `notes` are
    sentences that no rule has.
    """

    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    lost: Operation | None = None
    notes: tuple[str, ...] = ()


NO_MORE_FACTS = MoveFacts()


async def add_readiness_effect(
    plan: Plan, before: Cluster | None, after: Cluster | None, ctx: Context, more: MoveFacts = NO_MORE_FACTS
) -> Plan:
    """Return the plan with what the change does to the cluster's move to v2.

    `before` is None for a new cluster, `after` for one that is deleted. Only for another version is the cloud
    asked something: nobody goes back from one that v2 does not offer.

    It stands outside the digest: an approval is for what is sent, and other rules or an expired waiver change
    nothing of that.
    """
    cluster = after or before
    if cluster is None or not is_pending(cluster):
        return plan
    said = (*_word_lost(plan, more), *more.notes)
    try:
        rules = await asyncio.to_thread(load_rules, ctx.settings.migration.rules)
    except ConfigError as error:
        unknown = f"The effect on the migration to v2 is unknown: {error.sentence}"
        return plan.model_copy(update={"notes": (*plan.notes, *said, unknown)})
    waivers = await _read_waivers(cluster, ctx)
    is_new_version = after is not None and (
        before is None or before.postgres_version != after.postgres_version
    )
    versions = select_region(cluster, await ctx.fleet.versions()) if is_new_version else NOT_FETCHED
    was = _make_facts(before, versions, ctx, more.before) if before else None
    will_be = _make_facts(after, versions, ctx, more.after) if after else None
    effect = compare_readiness(was, will_be, rules, waivers)
    if is_new_version and isinstance(versions, MissingFact):
        unknown = f"It is unknown whether v2 supports PostgreSQL {cluster.postgres_version}: {versions.why}."
        said = (unknown, *said)
    notes = (*said, *effect.notes)
    return plan.model_copy(
        update={
            "warnings": (*plan.warnings, *effect.warnings),
            "notes": (*plan.notes, *notes, *effect.asides),
            "readiness": effect.readiness.model_copy(update={"notes": notes}),
        }
    )


def _word_lost(plan: Plan, more: MoveFacts) -> tuple[str, ...]:
    """Say of an operation that v2 lacks what to do then, and what its use means for the clients' verdict."""
    if more.lost is None:
        return ()
    use = f"This command uses v1, so the cluster’s clients count as “{ClientState.STILL_ON_V1}” for the next "
    return (f"{AFTER_MOVE[more.lost].format(command=plan.command)} {use}{USE_WINDOW.days} days.",)


def _make_facts(
    cluster: Cluster,
    versions: tuple[PostgresVersion, ...] | MissingFact,
    ctx: Context,
    more: Mapping[str, Any],
) -> ClusterFacts:
    """Return the facts that are at hand; rules that need others are inconclusive."""
    return ClusterFacts(
        cluster=cluster, read_at=ctx.now(), owner=ctx.tags(cluster).owner, v2_versions=versions, **more
    )


async def _read_waivers(cluster: Cluster, ctx: Context) -> dict[str, Waiver]:
    """Return the waivers in force for a cluster, by rule; its own before those for all."""
    configured = (each.as_waiver() for each in ctx.settings.waivers)
    merged = merge_waivers(await ctx.readiness.waivers.all(), configured, (cluster,))
    in_force = [each for each in merged if each.until > ctx.now()]
    of_all = {each.rule: each for each in in_force if each.cluster == ALL_CLUSTERS}
    return of_all | {each.rule: each for each in in_force if each.cluster == cluster.id}


T = TypeVar("T")

BY_API = "the API"
"""Creator of what is yet to be made; only the marks of SQL and of the platform count."""


async def add_account_effect(
    plan: Plan, cluster: Cluster, ctx: Context, lost: Operation, account: DbUser | ClusterDatabase | str
) -> Plan:
    """Return the plan with its effect on the move to v2: `account` is the user or database that it adds, or
    the name of the one that it deletes, and `lost` is the operation that v2 lacks."""
    users, databases = await asyncio.gather(
        _read_whole(ctx.fleet.users(cluster, system=True)), _read_whole(ctx.fleet.databases(cluster))
    )
    before: dict[str, Any] = {"users": users, "databases": databases}
    kind = "users" if lost is Operation.USERS else "databases"
    after = before[kind]
    if not isinstance(after, MissingFact):
        left = tuple(each for each in after if each.name != account)
        after = left if isinstance(account, str) else (*left, account)
    more = MoveFacts(before=before, after={**before, kind: after}, lost=lost)
    return await add_readiness_effect(plan, cluster, cluster, ctx, more)


async def _read_whole(reading: Awaitable[Listing[T]]) -> tuple[T, ...] | MissingFact:
    try:
        listing = await reading
    except CloudError as error:
        return MissingFact(error.sentence)
    return whole_or_missing(listing)


def whole_or_missing(listing: Listing[T]) -> tuple[T, ...] | MissingFact:
    """Return what a listing has. An incomplete one proves nothing about what is missing from it."""
    return MissingFact(str(listing.gaps[0])) if listing.gaps else listing.items
