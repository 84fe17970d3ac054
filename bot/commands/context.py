"""All that a handler may touch: the fleet as far as this person may see it, settings and the time."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.access.policy import CommandRequest, Policy
from bot.audit.query import AuditReader
from bot.changes.password_delivery import PasswordDelivery
from bot.changes.service import ChangeService
from bot.commands.declaration import Command, Registry
from bot.domain.cluster import GONE, Backup, Cluster, Listing
from bot.domain.errors import InputError
from bot.domain.phrases import listed
from bot.domain.plan import Plan
from bot.domain.request import Invocation, IsExternal, Origin, People
from bot.domain.times import in_both
from bot.ionos.fleet import Fleet
from bot.readiness.store import ReadinessHistory
from bot.reports.report_service import ReportService
from bot.runtime import audited_clusters
from bot.settings.model import Settings, Tags

_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,}")
"""Slack docs, "User IDs": U or W, capital letters and digits."""


class FindCluster(Protocol):
    """Finds a cluster by id, name or unique beginning; see `bot.ionos.cluster_lookup`."""

    def __call__(self, reference: str, listing: Listing[Cluster], *, certain: bool = False) -> Cluster:
        """Raises NoSuchThing or AmbiguousName; with `certain`, also where not everything could be read."""
        ...


Progress = Callable[[str], Awaitable[None]]
"""Tells whoever waits how far a long command has come; it may not tell everything, and never raises."""


async def silent(_words: str) -> None:
    """Progress for nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the asker may see: `clusters`, `cluster` and `backups` leave out the rest.

    `fleet` is for reading further of a cluster that came from here; what it lists by itself is everybody's,
    and a test refuses a handler that asks it to. Without Slack, `people` and `is_external` are None.
    `again` says that a kept change is planned anew, with the arguments that it was kept with.
    """

    invocation: Invocation
    command: Command
    asked: CommandRequest
    settings: Settings
    policy: Policy
    registry: Registry
    fleet: Fleet
    find: FindCluster
    changes: ChangeService
    audit: AuditReader
    ledger: ReadinessHistory
    handover: PasswordDelivery
    reports: ReportService
    now: Callable[[], datetime]
    progress: Progress = silent
    people: People | None = None
    is_external: IsExternal | None = None
    again: bool = False

    def running(self, name: str) -> "Context":
        """Return the context of another command, which the requester may run as well. Raises Denied."""
        command = self.registry.get(tuple(name.split()))
        if command is None:
            raise LookupError(f"there is no command {name}")
        asked = CommandRequest.by(self.invocation, command)
        self.policy.require(asked)
        return replace(self, command=command, asked=asked)

    def format_time(self, at: datetime) -> str:
        """Return a time in the requester's zone and in UTC, for a sentence."""
        return in_both(at, self.invocation.actor.time_zone)

    async def clusters(self) -> Listing[Cluster]:
        """The clusters that the asker may see with this command, and where we could not look."""
        listing = await self.fleet.clusters()
        seen = tuple(each for each in listing.items if self.policy.may_see(self.asked, each).allowed)
        return Listing(seen, listing.gaps)

    async def recent_clusters(self) -> Listing[Cluster]:
        """As `clusters`, as of at most half a minute ago: for overviews and pickers, never for decisions."""
        listing = await self.fleet.recent_clusters()
        seen = tuple(each for each in listing.items if self.policy.may_see(self.asked, each).allowed)
        return Listing(seen, listing.gaps)

    async def cluster(self, name: str, *, certain: bool = False) -> Cluster:
        """The one that answers to id, name or unique beginning. Raises NoSuchThing or AmbiguousName.

        A cluster that may not be seen is not found, in the same words as one that does not exist. With
        `certain`, which every change needs, a name is not enough while some places could not be looked at.
        """
        found = self.find(name, await self.clusters(), certain=certain)
        audited_clusters.note(found.id)
        return found

    async def backups(self) -> Listing[Backup]:
        """The backups of every cluster that the asker may see, in as few calls as the APIs allow."""
        clusters, backups = await asyncio.gather(self.clusters(), self.fleet.all_backups())
        seen = {each.id for each in clusters.items}
        gaps = dict.fromkeys((*clusters.gaps, *backups.gaps))
        return Listing(tuple(each for each in backups.items if each.cluster_id in seen), tuple(gaps))

    async def kept_backups(self) -> Listing[Backup]:
        """As `backups`, and those of clusters that are gone, where a permission does not ask for a name."""
        everything, backups = await asyncio.gather(self.fleet.clusters(), self.fleet.all_backups())
        there = {each.id: each for each in everything.items}
        gaps = dict.fromkeys((*everything.gaps, *backups.gaps))
        seen = (
            each for each in backups.items if self.may_see(there.get(each.cluster_id or "") or _gone(each))
        )
        return Listing(tuple(seen), tuple(gaps))

    async def left_by(self, backup: Backup) -> Cluster:
        """The cluster that a backup is of; of one that is gone, what the backup tells.

        Raises InputError where it may still be, in a place that could not be looked at.
        """
        listing = await self.fleet.clusters()
        there = next((each for each in listing.items if each.id == backup.cluster_id), None)
        gaps = [each for each in listing.gaps if each.contract in (None, backup.contract)]
        if there is None and gaps:
            raise InputError(
                f"Nobody can tell which cluster backup {backup.id} is of: its cluster may be where we could "
                f"not look ({listed(map(str, gaps))}).",
                "Try again later.",
            )
        return there or _gone(backup)

    def may_see(self, cluster: Cluster) -> bool:
        """Whether the asker may see this cluster with this command."""
        return self.policy.may_see(self.asked, cluster).allowed

    async def named(self, person: str) -> str:
        """Somebody's name with the Slack user id that it belongs to, such as “bob (U0BOB)”.

        As it is where it is no Slack user id, Slack is not at hand, or Slack does not say.
        """
        id_ = person.removeprefix(f"{Origin.SLACK}:")
        if self.people is None or not _SLACK_USER.fullmatch(id_):
            return person
        name = (await self.people(id_, "")).name
        return f"{name} ({id_})" if name else person

    def tags(self, cluster: Cluster) -> Tags:
        """Owner, tier and channel of a cluster, from app.yaml."""
        return self.settings.tags(cluster)

    def may_ask_for(self, plan: Plan) -> bool:
        """Whether the asker could ask for the same change of the same cluster here."""
        command = self.registry.get(tuple(plan.command.split()))
        asked = replace(self.asked, command=command) if command else self.asked
        return command is not None and self.policy.may_see(asked, plan.target.as_cluster()).allowed

    def may_run(self, command: Command) -> bool:
        """Whether the asker could run this other command here; what help shows."""
        return self.policy.may_run(CommandRequest.by(self.invocation, command)).allowed


def _gone(backup: Backup) -> Cluster:
    """What is known of the cluster that left this backup: permissions by name do not cover it."""
    return Cluster(
        id=backup.cluster_id or "",
        api=backup.api,
        contract=backup.contract,
        region=backup.region or "",
        name="",
        state=GONE,
    )
