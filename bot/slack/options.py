"""What a form offers while somebody types into a field: clusters, backups, users, as far as they may see."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bot.changes.record import OPEN
from bot.commands.context import Context
from bot.commands.declaration import Command
from bot.domain.block_kit import slack_limits as limits
from bot.domain.cluster import Backup, Cluster
from bot.domain.errors import PgbotError
from bot.domain.request import Invocation
from bot.runtime.clock import Clock
from bot.slack import modals
from bot.slack.message_budget import Block
from bot.slack.responder import Responder

log = structlog.get_logger()

KEPT = 30.0
"""Seconds for which what was read for one letter typed serves the next."""

PATIENCE = 2.5
"""Seconds; Slack waits for three, and shows nothing of what comes later."""

_MOST_KEPT = 200

Option = tuple[str, str]
"""A value, and the words beside it."""


@dataclass(frozen=True, slots=True)
class OptionLoader:
    """Options for the searched fields of forms; none where something goes wrong, never an error."""

    answers: Responder
    clock: Clock
    _kept: dict[str, tuple[float, list[Option]]] = field(default_factory=dict)

    async def options(self, payload: Mapping[str, Any], invocation: Invocation) -> list[Block]:
        """What fits what was typed, at most a hundred."""
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._found(payload, invocation)
        except (PgbotError, TimeoutError) as error:
            log.info("no suggestions", trace=invocation.trace, error=str(error) or "too slow")
            return []
        typed = str(payload.get("value") or "").strip().casefold()
        return [modals.option(value, words) for value, words in _fitting(found, typed)][: limits.OPTIONS]

    async def _found(self, payload: Mapping[str, Any], invocation: Invocation) -> list[Option]:
        view = payload.get("view") or {}
        form = modals.of_view(view)
        dispatcher = self.answers.dispatcher
        command = dispatcher.registry.get(tuple(form.command.split())) if form else None
        if form is None or command is None:
            return []
        asked = await self.answers.known(replace(invocation, channel=form.channel))
        dispatcher.policy.require(dispatcher.context(asked, command).asked)
        ctx = dispatcher.context(asked, command)
        what = str(payload.get("action_id", "")).removeprefix(modals.PICK)
        if what == "cluster":
            return _clusters((await ctx.recent_clusters()).items)
        if what == "change":
            return await _changes(ctx)
        cluster = await _chosen(view, command, ctx)
        # Rights are looked at above, each time; what is kept is one person's or one visible cluster's.
        key = f"{what} {cluster.id if cluster else asked.actor.id + command.name}"
        return await self._recent(key, lambda: _OF[what](ctx, cluster)) if what in _OF else []

    async def _recent(self, key: str, ask: Callable[[], Awaitable[list[Option]]]) -> list[Option]:
        now = self.clock.monotonic()
        kept = self._kept.get(key)
        if kept is None or kept[0] < now:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[key] = (now + KEPT, await ask())
        return kept[1]


def _fitting(options: Iterable[Option], typed: str) -> list[Option]:
    """Those that hold what was typed; what begins with it comes first."""
    found = [each for each in options if typed in each[0].casefold() or typed in each[1].casefold()]
    return sorted(found, key=lambda each: not each[1].casefold().startswith(typed))


def _clusters(clusters: Iterable[Cluster]) -> list[Option]:
    clusters = sorted(clusters, key=lambda each: (each.name.casefold(), each.id))
    names = [each.name.casefold() for each in clusters]
    return [
        (
            each.name
            if names.count(each.name.casefold()) == 1 and 0 < len(each.name) <= limits.OPTION_VALUE
            else each.id,
            f"{each.name or each.id} · {each.region} · {each.state}",
        )
        for each in clusters
    ]


async def _changes(ctx: Context) -> list[Option]:
    records = await ctx.changes.rows.in_states(OPEN)
    return [
        (each.id, f"{each.id} · {each.plan.action}")
        for each in records
        if ctx.may_see(each.plan.target.as_cluster())
    ]


async def _chosen(view: Mapping[str, Any], command: Command, ctx: Context) -> Cluster | None:
    """The cluster that stands in the form already, if it names one."""
    values = {**modals.begun_with(view), **modals.values_of(view, command)}
    name = next((str(values[each]) for each in values if _is_cluster(command, each)), "")
    return ctx.find(name, await ctx.recent_clusters()) if name else None


def _is_cluster(command: Command, name: str) -> bool:
    return name in command.arguments.model_fields and command.picks(name) == "cluster"


async def _backups(ctx: Context, cluster: Cluster | None) -> list[Option]:
    if cluster is not None:
        return [_backup(each, cluster.name) for each in (await ctx.fleet.backups(cluster)).items]
    names = {each.id: each.name for each in (await ctx.recent_clusters()).items}
    return [_backup(each, names.get(each.cluster_id or "", "")) for each in (await ctx.backups()).items]


def _backup(backup: Backup, name: str) -> Option:
    since = f"from {backup.earliest_target:%Y-%m-%d %H:%M} UTC" if backup.earliest_target else "not complete"
    until = f" to {backup.latest_target:%Y-%m-%d %H:%M}" if backup.latest_target else ""
    return backup.id, f"{name or backup.id} · {since}{until}"


async def _users(ctx: Context, cluster: Cluster | None) -> list[Option]:
    found = await ctx.fleet.users(cluster) if cluster else None
    return [(each.name, each.name) for each in found.items] if found else []


async def _databases(ctx: Context, cluster: Cluster | None) -> list[Option]:
    found = await ctx.fleet.databases(cluster) if cluster else None
    return [(each.name, each.name) for each in found.items] if found else []


_OF = {"backup": _backups, "user": _users, "database": _databases}
