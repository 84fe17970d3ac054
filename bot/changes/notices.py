"""The people whom changes concern: who is told of what nobody has asked for, and who can still approve."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.access.owners import members_of
from bot.access.policy import Policy
from bot.changes.record import ChangeRecord, ChangeState
from bot.domain.errors import SlackError
from bot.domain.fair_order import MessagePriority
from bot.domain.phrases import join_some
from bot.domain.quorum import NO_NAMES, RoleNames
from bot.domain.reply import Mention, Reply
from bot.domain.request import AccountStatus, Actor
from bot.runtime.health_page import Health
from bot.runtime.logger import get_logger
from bot.settings.model import Settings

log = get_logger()


class Notices(Protocol):
    """Slack, as far as changes need it. All raise SlackError."""

    async def post(
        self, channel: str, reply: Reply, thread: str = "", priority: MessagePriority = ..., *, key: str
    ) -> tuple[str, str]:
        """Post in a channel, or to a person by id; returns the channel and the message's ts. What was posted
        under the key is not posted again."""
        ...

    async def edit(self, channel: str, ts: str, reply: Reply, *, urgent: bool = False) -> None:
        """Edit in place."""
        ...


@dataclass(frozen=True, slots=True)
class Escalation:
    """Sends to the first that takes it: the people or channels given, the people of the roles that approve
    changes, the channel for approvals. What nobody was told of is logged, and named by `/readyz`."""

    notices: Notices
    settings: Settings
    untold: dict[str, str] = field(default_factory=dict)
    """The titles of what nobody was told of, by key, as far as this process knows."""

    async def tell(
        self,
        key: str,
        reply: Reply,
        first: Iterable[str],
        priority: MessagePriority | None = None,
        *,
        is_last: bool = False,
    ) -> bool:
        """Return whether somebody was told. Raises SlackError while Slack is away, unless this `is_last`."""
        approvers, channel = self._approvers(), self.settings.approvals.channel or ""
        people = [each for each in approvers if not each.startswith("S")]
        # A user group cannot be written to; it is mentioned where all others have refused.
        called = replace(reply, parts=(*reply.parts, *([Mention(tuple(approvers))] if approvers else [])))
        messages = dict.fromkeys([channel], called) | dict.fromkeys([*first, *people], reply)
        for place in filter(None, dict.fromkeys([*first, *people, channel])):
            try:
                await self.notices.post(
                    place, messages[place], priority=priority or MessagePriority(), key=f"{key}:{place}"
                )
            except SlackError as error:
                if error.is_away and not is_last:
                    raise
                log.warning("somebody else is told", key=key, refused_at=place, error=str(error))
            else:
                self.untold.pop(key, None)
                return True
        self.give_up(key, reply.title)
        return False

    async def check(self) -> Health:
        """Return what nobody was told of, for `/readyz`."""
        why = f"Slack took no message about: {join_some(self.untold.values())}." if self.untold else ""
        return Health(why, is_warning=True, figures={"untold": len(self.untold)})

    def give_up(self, key: str, what: str) -> None:
        """Note that nobody could be told."""
        self.untold[key] = what
        log.error("nobody told in Slack", key=key, what=what)

    def _approvers(self) -> list[str]:
        """Return the people and user groups of the roles that approve changes."""
        roles = (role for _, terms in self.settings.approval_terms for role in terms.roles)
        return list(dict.fromkeys(each for role in roles for each in members_of(role, self.settings)))


FEW = 5
"""People of one role that a card names; of more it says only how many approvals are missing."""

MOST_TOLD = 20
"""People who get a card by direct message where its channel takes none."""


class PeopleDirectory(Protocol):
    """Slack's people and user groups, as far as names need them."""

    async def actor(self, user: str, team: str, *, certain: bool = False) -> Actor:
        """Return the person; without a name where Slack does not tell."""
        ...

    async def members_of(self, group: str) -> frozenset[str]:
        """Return the ids of the members of a user group. Raises SlackError."""
        ...


@dataclass(frozen=True, slots=True)
class ApproverNames:
    """Finds names in Slack. Without a directory, and of roles that Slack does not tell, there are none."""

    policy: Policy
    directory: PeopleDirectory | None = None

    async def find(self, record: ChangeRecord) -> RoleNames:
        """Return the names of those who can still approve the change, by role."""
        if self.directory is None or record.state is not ChangeState.PROPOSED:
            return NO_NAMES
        out = {record.requester.id, *(vote.voter for vote in record.approvals)}
        roles = dict.fromkeys(record.missing_roles())
        found = {role: await self._name_members(role, record, out, self.directory) for role in roles}
        return {role: names for role, names in found.items() if names}

    async def find_people(self, record: ChangeRecord) -> tuple[str, ...]:
        """Return the ids of at most `MOST_TOLD` people who may decide and have not, the requester left out.

        Members of a user group that Slack does not tell are missing.
        """
        members = self.policy.members(record.need.roles, self.policy.answered_for(record.plan))
        people = dict.fromkeys(each for each in members if not each.startswith("S"))
        if self.directory is not None:
            for group in (each for each in members if each.startswith("S")):
                with suppress(SlackError):
                    people |= dict.fromkeys(sorted(await self.directory.members_of(group)))
        out = {record.requester.id, *(vote.voter for vote in record.approvals)}
        found = [each for each in people if each not in out and await self._may_approve(each)]
        return tuple(found[:MOST_TOLD])

    async def _may_approve(self, person: str) -> bool:
        if self.directory is None:
            return True
        return (await self.directory.actor(person, "")).standing in _MAY_APPROVE

    async def _name_members(
        self, role: str, record: ChangeRecord, out: set[str], directory: PeopleDirectory
    ) -> Sequence[str]:
        """Return the names of a role's people besides those who are `out`; empty where one is unknown."""
        members = self.policy.members((role,), self.policy.answered_for(record.plan))
        try:
            groups = [await directory.members_of(each) for each in members if each.startswith("S")]
        except SlackError:
            return ()
        people = {each for each in members if not each.startswith("S")}.union(*groups) - out
        if len(people) > FEW:
            return ()
        actors = [await directory.actor(each, "") for each in people]
        names = [each.name for each in actors if each.standing in _MAY_APPROVE]
        return sorted(names, key=str.casefold) if all(names) else ()


_MAY_APPROVE = frozenset({AccountStatus.MEMBER, AccountStatus.UNKNOWN})
"""Nobody else has a role. The UNKNOWN have no name, so that their role is shown without any."""
