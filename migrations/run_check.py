"""Judging clusters for somebody: their sight, their settings, and the waivers that are in force."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.cluster import Cluster
from migrations.collect import CollectedFacts, Collector, Progress, ReadableFleet, everyone
from migrations.custom_rules import rules_with
from migrations.readiness import ReadinessReport, assess
from migrations.waivers import CommandWaiver, ConfiguredWaiver, waivers_for


class ClusterTagsView(Protocol):
    """What app.yaml says of a cluster."""

    @property
    def owner(self) -> str | None: ...


class WaiverStore(Protocol):
    """Where waivers are kept that people gave."""

    async def all(self) -> Sequence[CommandWaiver]: ...


class RunHistory(Protocol):
    """What is kept between two looks."""

    @property
    def waivers(self) -> WaiverStore: ...


class MigrationSection(Protocol):
    """The section `migration` of app.yaml."""

    @property
    def rules(self) -> str | None: ...


class ReadinessSettings(Protocol):
    """What app.yaml says of the readiness check."""

    @property
    def migration(self) -> MigrationSection: ...

    @property
    def waivers(self) -> Sequence[ConfiguredWaiver]: ...


class CheckContext(Protocol):
    """Who asks, and what they have; `bot.commands.context.Context` is one."""

    @property
    def fleet(self) -> ReadableFleet: ...

    @property
    def ledger(self) -> RunHistory: ...

    @property
    def settings(self) -> ReadinessSettings: ...

    @property
    def now(self) -> Callable[[], datetime]: ...

    @property
    def progress(self) -> Progress: ...

    def may_see(self, cluster: Cluster) -> bool: ...

    def tags(self, cluster: Cluster) -> ClusterTagsView: ...


@dataclass(frozen=True, slots=True)
class CheckedFleet:
    """The report, and the facts that it was made of."""

    report: ReadinessReport
    collected: CollectedFacts


async def judge(desk: CheckContext, wanted: Callable[[Cluster], bool] = everyone) -> CheckedFleet:
    """Every v1 cluster that is wanted and may be seen, by every rule.

    Raises ConfigError without any contract and for a rule file that cannot be used, and StoreError.
    """
    rules = await asyncio.to_thread(rules_with, desk.settings.migration.rules)
    needs = frozenset(need for rule in rules for need in rule.needs)
    at = desk.now()
    collected = await Collector(desk.fleet, needs, desk.progress).collect(
        at, wanted=wanted, owners=lambda cluster: desk.tags(cluster).owner, may_see=desk.may_see
    )
    clusters = (facts.cluster for facts, _ in collected.facts)
    waivers = waivers_for(await desk.ledger.waivers.all(), desk.settings.waivers, clusters)
    # Thousands of clusters by dozens of rules take seconds, in which the bot answers others.
    report = await asyncio.to_thread(assess, collected, rules, at, waivers)
    return CheckedFleet(report, collected)
