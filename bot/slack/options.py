"""Options for searched fields of forms: clusters, backups, changes and the like that the person may see."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.changes.record import OPEN
from bot.commands.context import Context
from bot.commands.declaration import Command
from bot.domain.block_kit import slack_limits as limits
from bot.domain.cluster import Backup, Cluster, Listing
from bot.domain.errors import PgbotError
from bot.domain.name_match import fold_name
from bot.domain.request import Invocation
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.settings.password_sinks import list_references
from bot.slack import modals
from bot.slack.message_budget import Block
from bot.slack.modals import PICK, option
from bot.slack.responder import Responder

log = get_logger()

KEPT_SECONDS = 30.0
"""Seconds for which options are reused while the person types on."""

TIMEOUT = 2.5
"""Seconds. Slack waits for three and ignores later answers."""

_MOST_KEPT = 200

Option = tuple[str, str]
"""A value and its label."""


@dataclass(frozen=True, slots=True)
class OptionLoader:
    """A loader of options that returns none, instead of raising, when something fails."""

    responder: Responder
    clock: Clock
    _kept: dict[str, tuple[float, list[Option]]] = field(default_factory=dict)

    async def load(self, payload: Mapping[str, Any], invocation: Invocation) -> list[Block]:
        """Return the options that match the typed text, at most 100."""
        try:
            async with asyncio.timeout(TIMEOUT):
                found = await self._find(payload, invocation)
        except (PgbotError, TimeoutError) as error:
            log.info("no suggestions", trace=invocation.trace, error=str(error) or "too slow")
            return []
        typed = str(payload.get("value") or "").strip().casefold()
        return [option(value, words) for value, words in _matching(found, typed)][: limits.OPTIONS]

    async def _find(self, payload: Mapping[str, Any], invocation: Invocation) -> list[Option]:
        view = payload.get("view") or {}
        dispatcher = self.responder.dispatcher
        found = modals.find_form(view, dispatcher.registry)
        if found is None:
            return []
        form, command = found
        asked = await self.responder.identify(replace(invocation, channel=form.channel))
        dispatcher.policy.require(dispatcher.make_context(asked, command).request)
        ctx = dispatcher.make_context(asked, command)
        what = str(payload.get("action_id", "")).removeprefix(PICK)
        if what == "cluster":
            return _cluster_options((await ctx.recent_clusters()).items)
        if what == "change":
            return await _change_options(ctx)
        if list_values := command.lister(what):
            return [(each, each) for each in await list_values(ctx)]
        if what in _OPTIONS_OF_ALL:
            return await self._cached(f"{what} {asked.actor.id}", lambda: _OPTIONS_OF_ALL[what](ctx))
        cluster = await _find_cluster(view, command, ctx)
        # Rights were checked above; kept options belong to one person or to one visible cluster.
        key = f"{what} {cluster.id if cluster else asked.actor.id + command.name}"
        return await self._cached(key, lambda: _OPTIONS_OF[what](ctx, cluster)) if what in _OPTIONS_OF else []

    async def _cached(self, key: str, ask: Callable[[], Awaitable[list[Option]]]) -> list[Option]:
        now = self.clock.monotonic()
        kept = self._kept.get(key)
        if kept is None or kept[0] < now:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[key] = (now + KEPT_SECONDS, await ask())
        return kept[1]


def _matching(options: Iterable[Option], typed: str) -> list[Option]:
    """Return the options that contain the typed text, those that begin with it first."""
    found = [each for each in options if typed in each[0].casefold() or typed in each[1].casefold()]
    return sorted(found, key=lambda each: not each[1].casefold().startswith(typed))


def _cluster_options(clusters: Iterable[Cluster]) -> list[Option]:
    clusters = sorted(clusters, key=lambda each: (each.name.casefold(), each.id))
    names = [fold_name(each.name) for each in clusters]
    counts = Counter(names)
    return [
        (
            each.name
            if folded and counts[folded] == 1 and len(each.name) <= limits.OPTION_VALUE
            else each.id,
            f"{each.name or each.id} · {each.region} · {each.state}",
        )
        for each, folded in zip(clusters, names, strict=True)
    ]


async def _change_options(ctx: Context) -> list[Option]:
    records = reversed(await ctx.changes.rows.newest(OPEN))
    return [(each.id, f"{each.id} · {each.plan.action}") for each in records if ctx.may_know(each)]


async def _find_cluster(view: Mapping[str, Any], command: Command, ctx: Context) -> Cluster | None:
    """Return the cluster that is entered in the form, if any."""
    values, fields = modals.read_all_values(view, command), command.arguments.model_fields
    clusters = (each for each in values if each in fields and command.picks(each) == "cluster")
    name = next((str(values[each]) for each in clusters), "")
    return await ctx.recent_cluster(name) if name else None


async def _backup_options(ctx: Context, cluster: Cluster | None) -> list[Option]:
    if cluster is not None:
        return [_backup_option(each, cluster.name) for each in (await ctx.fleet.backups(cluster)).items]
    return await _named_backup_options(ctx, await ctx.backups())


async def _all_backup_options(ctx: Context) -> list[Option]:
    """Return the backups of every cluster, also of those that are gone."""
    return await _named_backup_options(ctx, await ctx.backups_of_all_clusters())


async def _named_backup_options(ctx: Context, listing: Listing[Backup]) -> list[Option]:
    names = {each.id: each.name for each in (await ctx.recent_clusters()).items}
    return [_backup_option(each, names.get(each.cluster_id or "", "")) for each in listing.items]


def _backup_option(backup: Backup, name: str) -> Option:
    since = f"from {backup.earliest_target:%Y-%m-%d %H:%M} UTC" if backup.earliest_target else "not complete"
    until = f" to {backup.latest_target:%Y-%m-%d %H:%M}" if backup.latest_target else ""
    return backup.id, f"{name or backup.id} · {since}{until}"


async def _user_options(ctx: Context, cluster: Cluster | None) -> list[Option]:
    found = await ctx.fleet.users(cluster) if cluster else None
    return [(each.name, each.name) for each in found.items] if found else []


async def _database_options(ctx: Context, cluster: Cluster | None) -> list[Option]:
    found = await ctx.fleet.databases(cluster) if cluster else None
    return [(each.name, each.name) for each in found.items] if found else []


async def _reference_options(ctx: Context) -> list[Option]:
    """Return the references to secrets that app.yaml lets people name; never what they refer to."""
    found = await asyncio.to_thread(list_references, ctx.settings.password_references)
    return [(each, each) for each in found]


_OPTIONS_OF_ALL = {"any-backup": _all_backup_options, "reference": _reference_options}
_OPTIONS_OF = {"backup": _backup_options, "user": _user_options, "database": _database_options}
