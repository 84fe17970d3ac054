"""The effect of every planned change on the move to v2, added to the plan where plans are made."""

import asyncio

from bot.commands.context import Context
from bot.domain.cluster import Cluster, PostgresVersion
from bot.domain.errors import ConfigError
from bot.domain.migration_records import Waiver
from bot.domain.plan import Plan
from migrations.change_effect import compare_readiness, is_pending
from migrations.collect import select_region
from migrations.custom_rules import load_rules
from migrations.facts import NOT_FETCHED, ClusterFacts, MissingFact
from migrations.readiness import ALL_CLUSTERS, merge_waivers


async def add_readiness_effect(plan: Plan, before: Cluster | None, after: Cluster, ctx: Context) -> Plan:
    """Return the plan with what the change does to the cluster's readiness.

    Only for another version is the cloud asked something: nobody goes back from one that v2 does not offer.

    It stands among warnings and notes, outside the digest: an approval is for what is sent, and other rules
    or an expired waiver change nothing of that.
    """
    if not is_pending(after):
        return plan
    try:
        rules = await asyncio.to_thread(load_rules, ctx.settings.migration.rules)
    except ConfigError as error:
        unknown = f"The effect on the move to v2 is not known: {error.sentence}"
        return plan.model_copy(update={"notes": (*plan.notes, unknown)})
    waivers = await _read_waivers(after, ctx)
    is_new_version = before is None or before.postgres_version != after.postgres_version
    versions = select_region(after, await ctx.fleet.versions()) if is_new_version else NOT_FETCHED
    was = _make_facts(before, versions, ctx) if before else None
    effect = compare_readiness(was, _make_facts(after, versions, ctx), rules, waivers)
    notes = effect.notes
    if is_new_version and isinstance(versions, MissingFact):
        unknown = f"It is not known whether v2 offers PostgreSQL {after.postgres_version}: {versions.why}."
        notes = (unknown, *notes)
    return plan.model_copy(
        update={"warnings": (*plan.warnings, *effect.warnings), "notes": (*notes, *plan.notes)}
    )


def _make_facts(
    cluster: Cluster, versions: tuple[PostgresVersion, ...] | MissingFact, ctx: Context
) -> ClusterFacts:
    """Return the facts that are at hand; rules that need others are inconclusive."""
    return ClusterFacts(
        cluster=cluster, read_at=ctx.now(), owner=ctx.tags(cluster).owner, v2_versions=versions
    )


async def _read_waivers(cluster: Cluster, ctx: Context) -> dict[str, Waiver]:
    """Return the waivers in force for a cluster, by rule; its own before those for all."""
    configured = (each.as_waiver() for each in ctx.settings.waivers)
    merged = merge_waivers(await ctx.readiness.waivers.all(), configured, (cluster,))
    in_force = [each for each in merged if each.until > ctx.now()]
    of_all = {each.rule: each for each in in_force if each.cluster == ALL_CLUSTERS}
    return of_all | {each.rule: each for each in in_force if each.cluster == cluster.id}
