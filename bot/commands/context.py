"""The context of a handler: the fleet as far as the person may see it, settings and the time."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from bot.access.policy import UNREAD, CommandRequest, Policy, unread_groups_error
from bot.audit.query import AuditReader
from bot.changes.change_result import PersonRef
from bot.changes.password_store import PasswordDelivery
from bot.changes.record import ChangeRecord
from bot.changes.service import ChangeService, Decide
from bot.commands.declaration import Command, Registry
from bot.domain.cluster import GONE, Backup, Cluster, Listing
from bot.domain.command_info import CommandEffect
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import BadArgument, InputError, NoSuchThing, NotFound
from bot.domain.phrases import join_names, quote_text
from bot.domain.plan import Plan
from bot.domain.request import Invocation, IsExternal, Origin, People, Progress, SendDirect, ignore_progress
from bot.domain.times import in_both
from bot.ionos.cluster_lookup import find_cluster
from bot.ionos.fleet import Fleet
from bot.readiness.store import ReadinessHistory
from bot.reports.report_service import ReportService
from bot.runtime.request_context import note_cluster
from bot.settings.model import Settings, Tags

_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,}")
"""Slack docs, "User IDs": U or W, capital letters and digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandServices:
    """The services that the dispatcher hands on to commands. Without Slack, `people`, `is_external` and
    `send_direct` are None."""

    settings: Settings
    policy: Policy
    registry: Registry
    fleet: Fleet
    changes: ChangeService
    readiness: ReadinessHistory
    handover: PasswordDelivery
    reports: ReportService
    people: People | None = None
    is_external: IsExternal | None = None
    send_direct: SendDirect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(CommandServices):
    """One person's view: `clusters`, `cluster` and `backups` leave out what they may not see.

    `fleet` is for reading more of a cluster that came from here; what it lists by itself is everybody's, and
    a test refuses a handler that asks it to. `is_replan` says that a stored change is planned again, with its
    stored arguments.
    """

    invocation: Invocation
    command: Command
    request: CommandRequest
    audit: AuditReader
    now: Callable[[], datetime]
    progress: Progress = ignore_progress
    is_replan: bool = False

    def for_command(self, name: str) -> "Context":
        """Return the context of another command, which the requester may run as well. Raises Denied."""
        command = self.registry.get(tuple(name.split()))
        if command is None:
            raise LookupError(f"there is no command {name}")
        request = CommandRequest.by(self.invocation, command)
        self.policy.require(request)
        return replace(self, command=command, request=request)

    def format_time(self, at: datetime) -> str:
        """Return a time in the requester's zone and in UTC, for a sentence."""
        return in_both(at, self.invocation.actor.time_zone)

    async def clusters(self) -> Listing[Cluster]:
        """Return the clusters that the person may see with this command, and the gaps."""
        listing = await self.fleet.clusters()
        return Listing(self.policy.visible(self.request, listing.items), listing.gaps)

    async def recent_clusters(self) -> Listing[Cluster]:
        """Return clusters as `clusters` does, at most half a minute old: for overviews and pickers, never for
        decisions."""
        listing = await self.fleet.recent_clusters()
        return Listing(self.policy.visible(self.request, listing.items), listing.gaps)

    async def cluster(self, name: str, *, certain: bool = False) -> Cluster:
        """Return the cluster with this id, name or unique beginning. Raises NoSuchThing or AmbiguousName.

        A cluster that may not be seen is not found, in the same words as one that does not exist. With
        `certain`, which every change needs, a name is not enough while some endpoints did not respond.
        """
        found = find_cluster(name, await self.clusters(), certain=certain)
        note_cluster(found.id)
        return found

    async def recent_cluster(self, name: str) -> Cluster:
        """Return a cluster of `recent_clusters`, for forms. Raises as `cluster` does."""
        return find_cluster(name, await self.recent_clusters())

    async def backups(self) -> Listing[Backup]:
        """Return the backups of every cluster that the person may see, in as few calls as the APIs allow."""
        clusters, backups = await asyncio.gather(self.clusters(), self.fleet.all_backups())
        seen = {each.id for each in clusters.items}
        gaps = dict.fromkeys((*clusters.gaps, *backups.gaps))
        return Listing(tuple(each for each in backups.items if each.cluster_id in seen), tuple(gaps))

    async def backups_of_all_clusters(self) -> Listing[Backup]:
        """Return backups as `backups` does, and those of deleted clusters where a permission does not ask for
        a name."""
        everything, backups = await asyncio.gather(self.fleet.clusters(), self.fleet.all_backups())
        there = {each.id: each for each in everything.items}
        gaps = dict.fromkeys((*everything.gaps, *backups.gaps))
        seen = (
            each
            for each in backups.items
            if self.may_see(there.get(each.cluster_id or "") or _deleted_cluster(each))
        )
        return Listing(tuple(seen), tuple(gaps))

    async def cluster_of_backup(self, backup: Backup) -> Cluster:
        """Return the cluster of a backup; for a deleted one, what the backup says of it.

        Deleted is one that neither a complete listing nor its address has. Raises InputError when it may
        still exist behind an endpoint that did not respond, and CloudError when its address does not.
        """
        listing = await self.fleet.clusters()
        there = next((each for each in listing.items if each.id == backup.cluster_id), None)
        gaps = [each for each in listing.gaps if each.contract in (None, backup.contract)]
        if there is None and gaps:
            raise InputError(
                f"The cluster of backup {backup.id} is unknown. It may be behind an endpoint that did not "
                f"respond ({join_names(map(str, gaps))}).",
                "Try again later.",
            )
        deleted = _deleted_cluster(backup)
        if there is None and deleted.id:
            with suppress(NotFound, BadArgument):
                there = await self.fleet.cluster(deleted)
        return there or deleted

    def may_see(self, cluster: Cluster) -> bool:
        """Return whether the person may see this cluster with this command."""
        return self.policy.may_see(self.request, cluster).allowed

    def may_see_plan(self, plan: Plan, command: Command | None = None) -> bool:
        """Return whether the person may see every cluster that a plan is about, with this command or
        another."""
        asked = CommandRequest.by(self.invocation, command) if command else self.request
        clusters = (plan.target, *((plan.source,) if plan.source else ()))
        return all(self.policy.may_see(asked, each.as_cluster()).allowed for each in clusters)

    def may_know(self, record: ChangeRecord) -> bool:
        """Return whether the person may learn that there is this change.

        They see it with a command of this one's group that reads, asked for it, voted, have a role that
        decides about it, or decide now and could ask for the same.
        """
        actor, need = self.invocation.actor, record.need
        people = {record.requester.id, *(vote.voter for vote in record.votes)}
        roles = self.policy.roles_in(actor, record.plan, need)
        readers = (
            each
            for each in self.registry.in_group(self.command.group)
            if each.effect is CommandEffect.READ and not each.open_to_all
        )
        return (
            (actor.member != "" and actor.member in people)
            or not roles.isdisjoint(need.roles.union(need.break_glass))
            or (self.command.effect is not CommandEffect.READ and self.may_propose(record.plan))
            or any(self.may_see_plan(record.plan, each) for each in readers)
        )

    async def find_change(self, change_id: str) -> ChangeRecord:
        """Return a change by id. Raises NoSuchThing, in the same words for one that they may not know of, and
        Denied while that is not known."""
        record = await self.changes.rows.get(change_id.strip().casefold())
        if record is not None and self.may_know(record):
            return record
        if UNREAD in self.invocation.actor.groups:
            raise unread_groups_error()
        raise NoSuchThing(
            ErrorCode.CHANGE_NOT_FOUND,
            f"There is no change {quote_text(change_id)} that you may see.",
            "“change list” shows the ones that are. If Slack shows a card of this change, another bot posted "
            "it; “pgbot check” shows which bot holds the Slack app.",
        )

    async def decide(self, change_id: str, act: Decide, code: str = "") -> ChangeRecord:
        """Let the person do one thing to a change, in a transaction. Raises as `find_change` and `act`, and
        CodeNeeded where it counts only with a code."""
        return await self.changes.decide(await self.find_change(change_id), self.invocation, act, code)

    async def describe_person(self, person: str) -> str:
        """Return a person's name with the Slack user id, such as “bob (U0BOB)”.

        Anything but a Slack user id is returned as given, and so is an id that Slack does not name.
        """
        found = await self.find_person(person)
        return f"{found.name} ({found.id})" if found.name else person

    async def find_person(self, person: str) -> PersonRef:
        id_ = person.removeprefix(f"{Origin.SLACK}:")
        if self.people is None or not _SLACK_USER.fullmatch(id_):
            return PersonRef(id=person, name=None)
        return PersonRef(id=id_, name=(await self.people(id_, "")).name or None)

    def tags(self, cluster: Cluster) -> Tags:
        """Return owner, tier and channel of a cluster, from app.yaml."""
        return self.settings.tags(cluster)

    def may_propose(self, plan: Plan) -> bool:
        """Return whether the person could propose the same change of the same cluster here."""
        command = self.registry.get(tuple(plan.command.split()))
        request = replace(self.request, command=command) if command else self.request
        return command is not None and self.policy.may_see(request, plan.target.as_cluster()).allowed

    def may_run(self, command: Command) -> bool:
        """Return whether the person could run this other command here; help shows it."""
        return self.policy.may_run(CommandRequest.by(self.invocation, command)).allowed


def _deleted_cluster(backup: Backup) -> Cluster:
    """Return what a backup says of its deleted cluster: permissions by name do not cover it."""
    return Cluster(
        id=backup.cluster_id or "",
        api=backup.api,
        contract=backup.contract,
        region=backup.region or "",
        name="",
        state=GONE,
    )
