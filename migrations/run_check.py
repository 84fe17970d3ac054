"""Judging clusters for somebody: their sight, their settings, and the waivers that are in force."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.cluster import Cluster
from migrations.collect import Collected, Collector, Fleet, Progress, everyone
from migrations.custom_rules import rules_with
from migrations.readiness import Report, assess
from migrations.waivers import Configured, Given, waivers_for


class Tagged(Protocol):
    """What app.yaml says of a cluster."""

    @property
    def owner(self) -> str | None: ...


class Waived(Protocol):
    """Where waivers are kept that people gave."""

    async def all(self) -> Sequence[Given]: ...


class Ledger(Protocol):
    """What is kept between two looks."""

    @property
    def waivers(self) -> Waived: ...


class Own(Protocol):
    """The section `migration` of app.yaml."""

    @property
    def rules(self) -> str | None: ...


class Settings(Protocol):
    """What app.yaml says of the readiness check."""

    @property
    def migration(self) -> Own: ...

    @property
    def waivers(self) -> Sequence[Configured]: ...


class Desk(Protocol):
    """Who asks, and what they have; `bot.commands.context.Context` is one."""

    @property
    def fleet(self) -> Fleet: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def now(self) -> Callable[[], datetime]: ...

    @property
    def progress(self) -> Progress: ...

    def may_see(self, cluster: Cluster) -> bool: ...

    def tags(self, cluster: Cluster) -> Tagged: ...


@dataclass(frozen=True, slots=True)
class Judged:
    """The report, and the facts that it was made of."""

    report: Report
    collected: Collected


async def judge(desk: Desk, wanted: Callable[[Cluster], bool] = everyone) -> Judged:
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
    return Judged(report, collected)
