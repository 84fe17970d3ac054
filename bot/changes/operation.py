"""The functions that make a command a change: plan, execute, look; their context; and looks that they share.

A look finds out whether a request whose answer was lost has been carried out; never by sending it again.
Neither API lists restores or keeps a request's id, so it is inference from what a cluster shows
(ionos-api-notes, sections 4 and 9).
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from bot.changes.password_store import PasswordDelivery
from bot.domain.attempt import WORKING, Attempt, OutcomeEvidence
from bot.domain.cluster import Cluster, Gap, host_region
from bot.domain.cluster_properties import is_marked, mark_creation
from bot.domain.cluster_spec import Credentials, NewCluster
from bot.domain.errors import InputError, NotFound, Unreachable
from bot.domain.plan import Consequences, Plan, PlanTarget, Value
from bot.domain.psql.psql_script import PsqlScript
from bot.ionos.cluster_lookup import describe_gaps
from bot.ionos.contract_client import may_hide
from bot.ionos.endpoint import EndpointRefusal
from bot.ionos.fleet import Fleet
from bot.settings.model import CredentialReferences, Settings
from bot.settings.secrets import resolve_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionContext:
    """The context handed to a change's `execute` and `look`. Secrets are resolved here and stored nowhere.

    `change` is the id of the running change, `requester` the requester's Slack user id.
    """

    fleet: Fleet
    settings: Settings
    handover: PasswordDelivery
    now: Callable[[], datetime]
    change: str = ""
    requester: str = ""

    def for_change(self, change: str, requester: str) -> "ExecutionContext":
        return replace(self, change=change, requester=requester)

    async def take_password(self, plan: Plan) -> SecretStr:
        """Return the plan's new password, stored against a crash. See `PasswordDelivery.take`."""
        return await self.handover.provide_password(plan, self.change, self.requester)

    async def read_cluster(self, target: PlanTarget) -> Cluster:
        """Return the cluster as it is now. Raises NotFound, or another CloudError."""
        return await self.fleet.cluster(target.as_cluster())

    async def create(self, new: NewCluster, credentials: Credentials) -> Cluster:
        """Send the one request that makes a cluster, with the mark of its change where the API keeps one."""
        return await self.fleet.create(mark_creation(new, self.change), credentials)

    async def find_unmarked(self, target: PlanTarget, change: str) -> frozenset[str]:
        """Return the ids of the clusters that `find_named` finds. Raises InputError where another bot, which
        has a copy of this one's data, made one of them for this change."""
        found = await self.find_named(target)
        if made := [each for each in found if is_marked(each, change)]:
            raise InputError(
                f"{made[0].name} ({made[0].id}) was made for {change} already, by a bot with the same data.",
                "Stop one of the two bots, and check what else the other one has done.",
            )
        return frozenset(each.id for each in found)

    async def find_named(self, target: PlanTarget) -> tuple[Cluster, ...]:
        """Return every cluster of the target's name, API, contract and region, as that API shows it; the
        other API may show the same cluster. Raises Unreachable as `require_readable` does, and ConfigError
        for a contract that the settings lack."""
        self.fleet.require_contract(target.contract)
        listing = await self.fleet.sightings()
        require_readable(target, listing.gaps)
        return tuple(
            each
            for each in listing.items
            if (each.name, each.api, each.contract, host_region(each.region))
            == (target.name, target.api, target.contract, host_region(target.region))
        )

    async def read_backup_ids(self, cluster: Cluster) -> frozenset[str]:
        """Return the ids of all backups of a cluster that exist now. Raises Unreachable if not all could be
        read, or another CloudError."""
        listing = await self.fleet.backups(cluster)
        if listing.gaps:
            raise Unreachable(
                f"The backups of {cluster.name or cluster.id} could not all be read: "
                f"{describe_gaps(listing.gaps)}.",
                "Try again later.",
            )
        return frozenset(each.id for each in listing.items)

    async def find_credentials(self, cluster: Cluster) -> Credentials | None:
        """Return the primary user of a cluster that app.yaml, or the change that made it, refers to; None
        without one.

        Raises ConfigError when the reference cannot be resolved, and InputError for one that app.yaml no
        longer allows.
        """
        return await self._resolve(await self.handover.find_primary_user(cluster))

    async def take_credentials(self, plan: Plan) -> Credentials | None:
        """Return the primary user of a new cluster: the one that the plan names, else as
        `find_credentials`, and raise as it does."""
        named = self.handover.read_primary_user(plan.arguments)
        return await self._resolve(named) or await self.find_credentials(plan.target.as_cluster())

    async def _resolve(self, found: CredentialReferences | None) -> Credentials | None:
        if found is None:
            return None
        return Credentials(
            username=found.username, password=await resolve_secret(found.password), database=found.database
        )


def require_readable(target: PlanTarget, gaps: Iterable[Gap]) -> None:
    """Raise Unreachable when an endpoint that did not respond may have a cluster of the target's name."""
    hiding = [each for each in gaps if may_hide(each, target.as_cluster())]
    if hiding:
        where = describe_gaps(Gap(where=each.where, why=each.why) for each in hiding)
        steps = (each.step for each in hiding if isinstance(each, EndpointRefusal) and each.step)
        raise Unreachable(
            f"It is unknown whether a cluster {target.name} exists: {where}.",
            next(steps, "Try again when that can be read; “status” shows it."),
        )


Planner = Callable[[Any, Any], Awaitable[Plan]]
"""From the arguments and the context of a command to its plan; only reads."""

Execute = Callable[[Plan, ExecutionContext], Awaitable[str]]
MakeScript = Callable[[Plan], PsqlScript]
Probe = Callable[[Plan, ExecutionContext, Attempt], Awaitable[OutcomeEvidence | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOperation:
    """The functions of a change: `plan` only reads; `execute` sends one mutating request and returns the id
    of what it made, if anything; `look` finds out after a lost answer whether it happened. `script`
    is for plans that hand one out instead. `consequences` are printed in the docs."""

    plan: Planner
    execute: Execute
    probe: Probe
    script: MakeScript | None = None
    consequences: Consequences | None = None


CLOCK_SKEW = timedelta(seconds=5)
"""How far the vendor's clock may be behind ours, for plans of earlier releases that observed no vendor time
to compare with; shorter than any person needs to make a change in between."""


async def probe_cluster(plan: Plan, act: ExecutionContext, attempt: Attempt) -> OutcomeEvidence | None:
    """Return the strongest evidence: the cluster is at work, has a new backup, or was modified since.

    Raises CloudError when the cluster cannot be read, which is not evidence either way.
    """
    cluster = await act.read_cluster(plan.target)
    if cluster.state in WORKING:
        return OutcomeEvidence(words=f"the cluster is {cluster.state}", lasts=False)
    added = await act.read_backup_ids(cluster) - attempt.baseline
    if added:
        return OutcomeEvidence(words=f"it has a backup that was not there before: {min(added)}")
    return find_modification(plan, cluster, attempt)


async def probe_absence(plan: Plan, act: ExecutionContext, _attempt: Attempt) -> OutcomeEvidence | None:
    """Return evidence of a deletion: the cluster is being destroyed, or missing from its address and from
    every listing that could have it."""
    try:
        cluster = await act.read_cluster(plan.target)
    except NotFound:
        if await act.fleet.doubt_absence(plan.target.as_cluster()):
            return None
        return OutcomeEvidence(words="the cluster is gone", is_absence=True)
    if cluster.state == "DESTROYING":
        return OutcomeEvidence(words="the cluster is DESTROYING")
    return None


async def probe_new(plan: Plan, act: ExecutionContext, attempt: Attempt) -> OutcomeEvidence | None:
    """Return evidence of a creation: a cluster of that name that was not there before."""
    found = await act.find_named(plan.subject)
    new = [each for each in found if each.id not in attempt.baseline]
    if len(new) == 1:
        return OutcomeEvidence(words=f"there is a new cluster of that name, {new[0].id}", made=new[0].id)
    return None


def find_modification(plan: Plan, cluster: Cluster, attempt: Attempt) -> OutcomeEvidence | None:
    """Return the vendor's record of the last change if it is later than what the plan observed."""
    at = cluster.modified_at
    if at is None or not is_later(at, plan.observed, "modified_at", attempt):
        return None
    by = f" by {cluster.modified_by}" if cluster.modified_by else ""
    return OutcomeEvidence(words=f"the API says that it was changed at {at:%H:%M:%S} UTC{by}")


def is_later(at: datetime, observed: Mapping[str, Value], name: str, attempt: Attempt) -> bool:
    """Return whether a vendor time is later than the one that the plan observed under `name`.

    Replanning found that one again right before the attempt, and both are of one clock. Our clock may differ
    from it by any amount, so it counts only for stored plans that did not observe the time.
    """
    if name not in observed:
        return at >= attempt.armed_at - CLOCK_SKEW
    before = observed[name]
    return before is None or at > datetime.fromisoformat(str(before))
