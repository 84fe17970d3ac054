"""The readiness check of clusters, as far as the person may see them, with the waivers in force."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.commands.context import Context
from bot.domain.cluster import Cluster
from handlers.shared.lost_commands import count_uses_by_cluster
from migrations.clients import USE_WINDOW, ClientEvidence
from migrations.collect import CollectedFacts, Collector, any_cluster
from migrations.custom_rules import load_rules
from migrations.evidence_files import load_evidence
from migrations.precheck.precheck_matching import add_prechecks
from migrations.readiness import ReadinessReport, assess_fleet, merge_waivers


@dataclass(frozen=True, slots=True)
class CheckedFleet:
    """The report, and the facts that it was made of."""

    report: ReadinessReport
    collected: CollectedFacts


async def check_readiness(ctx: Context, include: Callable[[Cluster], bool] = any_cluster) -> CheckedFleet:
    """Check every v1 cluster that `include` selects and the person may see, by every rule.

    Raises ConfigError without any contract and for a rule file that cannot be used, and StoreError.
    """
    rules = await asyncio.to_thread(load_rules, ctx.settings.migration.rules)
    needs = frozenset(need for rule in rules for need in rule.needs)
    at = ctx.now()
    collected = await Collector(ctx.fleet, needs, ctx.progress).collect(
        at, include=include, owner_of=lambda cluster: ctx.tags(cluster).owner, may_see=ctx.may_see
    )
    evidence = await _read_evidence(ctx, at)
    # Not whole: a precheck of a cluster that the person may not see must not be named.
    collected = await asyncio.to_thread(
        add_prechecks, collected, evidence.files.prechecks, at, is_whole=False
    )
    configured = (each.as_waiver() for each in ctx.settings.waivers)
    clusters = (facts.cluster for facts, _ in collected.facts)
    waivers = merge_waivers(await ctx.readiness.waivers.all(), configured, clusters)
    # Thousands of clusters by dozens of rules take seconds, in which the bot answers others.
    report = await asyncio.to_thread(assess_fleet, collected, rules, at, waivers, evidence)
    return CheckedFleet(report, collected)


async def _read_evidence(ctx: Context, at: datetime) -> ClientEvidence:
    return ClientEvidence(
        files=await asyncio.to_thread(load_evidence, ctx.settings.migration.evidence),
        commands=await count_uses_by_cluster(at - USE_WINDOW, ctx.audit),
    )
