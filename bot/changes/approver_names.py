"""The people who can still approve a change: their names for its card, their ids for direct messages."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from bot.access.policy import Policy
from bot.changes.record import ChangeRecord, ChangeState
from bot.domain.errors import SlackError
from bot.domain.quorum import NO_NAMES, RoleNames
from bot.domain.request import AccountStatus, Actor

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
