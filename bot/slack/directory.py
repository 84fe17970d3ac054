"""People, user groups and channels as Slack describes them; without an answer nobody gets rights."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.access.policy import UNREAD
from bot.domain.errors import SlackError
from bot.domain.request import AccountStatus, Actor, Origin
from bot.runtime.logger import get_logger
from bot.slack.web_api import LACKS_SCOPE, WebApiCalls

log = get_logger()

KEPT_SECONDS = 60
"""Seconds for which an answer is reused. `usergroups.users.list` allows only 20 calls a minute."""

_MEMBER_FLAGS = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted")
"""Fields of every active account (Slack docs, "User object")."""

T = TypeVar("T")
P = TypeVar("P", dict[str, Any], list[Any])


@dataclass(frozen=True, slots=True)
class OwnCompany:
    """The workspace that the bot is installed in, those that count as well, and their enterprise, if any.

    `is_org_wide`: one token for all of the enterprise's workspaces, so that calls have to say which.
    """

    team: str
    workspaces: frozenset[str] = frozenset()
    enterprise: str = ""
    is_org_wide: bool = False

    def status_of(self, profile: dict[str, Any]) -> AccountStatus:
        """Return MEMBER for a person of these workspaces; it is Slack's user object that says so.

        On Enterprise Grid `team_id` is one workspace, and `enterprise_user` has all (Slack docs, "User").
        """
        if profile.get("is_stranger"):
            return AccountStatus.STRANGER
        organization = profile.get("enterprise_user")
        organization = organization if isinstance(organization, dict) else {}
        named = organization.get("teams")
        teams = [profile.get("team_id"), *(named if isinstance(named, list) else ())]
        if self.team in teams or any(each in teams for each in self.workspaces):
            return AccountStatus.MEMBER
        is_sister = self.enterprise in (organization.get("enterprise_id"), profile.get("team_id"))
        return AccountStatus.OTHER_WORKSPACE if self.enterprise and is_sister else AccountStatus.STRANGER


class Directory:
    """A cache of people's status and user groups, and of channels shared with another company."""

    def __init__(
        self, client: AsyncWebClient, calls: WebApiCalls, company: OwnCompany, groups: frozenset[str]
    ) -> None:
        self._client = client
        self._calls = calls
        self._company = company
        self._groups = sorted(groups)
        self._kept: dict[str, tuple[float, Any]] = {}
        self._own_messages: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def afresh(self) -> "Directory":
        """Return a directory that remembers nothing: for one check whose answers must be of now."""
        return Directory(self._client, self._calls, self._company, frozenset(self._groups))

    async def actor(self, user: str, team: str, *, certain: bool = False) -> Actor:
        """Return the person with status and groups; the status is UNKNOWN, without rights, if Slack fails.

        `team` is what a payload says, and is only kept while Slack does not answer. A group that cannot be
        read adds UNREAD to the groups; with `certain` it raises SlackError.
        """
        try:
            profile = await self._cached("user", user, self._fetch_profile)
        except SlackError as error:
            log.warning("users.info failed", user=user, error=error.code, why=str(error))
            doubt, home = str(error) if error.code in LACKS_SCOPE else "", team or self._company.team
            return Actor(origin=Origin.SLACK, id=user, team=home, standing=AccountStatus.UNKNOWN, doubt=doubt)
        standing = read_standing(profile, self._company)
        if standing in {AccountStatus.STRANGER, AccountStatus.OTHER_WORKSPACE}:
            home = str(profile.get("team_id") or team)
            return Actor(origin=Origin.SLACK, id=user, team=home, standing=standing)
        return Actor(
            origin=Origin.SLACK,
            id=user,
            name=_name(profile),
            team=str(profile.get("team_id") or self._company.team),
            standing=standing,
            groups=await self._groups_of(user, certain=certain),
            time_zone=str(profile.get("tz") or "UTC"),
        )

    async def members_of(self, group: str) -> frozenset[str]:
        """Return the ids of the members of a user group. Raises SlackError."""
        return await self._cached("group", group, self._fetch_members)

    async def is_external(self, channel: str, person: str) -> bool | None:
        """Return whether another company may read the conversation, None if Slack does not say.

        The bot's direct message with this person is read by the two alone. Of direct messages between people
        Slack tells the bot nothing.
        """
        if not channel:
            return False
        try:
            found = await self._cached("channel", channel, self._fetch_external)
        except SlackError as error:
            log.info("conversations.info failed", channel=channel, error=error.code, why=str(error))
            found = None
        if found is not None or not person or channel != await self._own_message(person):
            return found
        standing = (await self.actor(person, "")).standing
        return None if standing is AccountStatus.UNKNOWN else standing is AccountStatus.STRANGER

    async def _own_message(self, person: str) -> str:
        """Return the id of the bot's direct message with a person, which never changes; "" if unknown."""
        if person not in self._own_messages:
            try:
                answer = await self._calls(self._client.conversations_open, users=person)
                self._own_messages[person] = str(_part(answer, "channel", dict).get("id", ""))
            except SlackError as error:
                log.info("conversations.open failed", user=person, error=error.code)
                return ""
        return self._own_messages[person]

    async def _groups_of(self, user: str, *, certain: bool) -> frozenset[str]:
        found = set()
        for group in self._groups:
            try:
                members = await self.members_of(group)
            except SlackError as error:
                log.warning("usergroups.users.list failed", group=group, error=error.code, why=str(error))
                if certain:
                    raise
                found.add(UNREAD)
                continue
            if user in members:
                found.add(group)
        return frozenset(found)

    async def _cached(self, kind: str, id_: str, ask: Callable[[str], Awaitable[T]]) -> T:
        """Return the kept answer or a fresh one; simultaneous callers share one call."""
        label = f"{kind} {id_}"
        async with self._locks.setdefault(label, asyncio.Lock()):
            until, value = self._kept.get(label, (float("-inf"), None))
            if until <= self._calls.clock.monotonic():
                value = await ask(id_)
                self._kept[label] = (self._calls.clock.monotonic() + KEPT_SECONDS, value)
            answer: T = value
            return answer

    async def _fetch_profile(self, user: str) -> dict[str, Any]:
        answer = await self._calls(self._client.users_info, user=user)
        return _part(answer, "user", dict)

    async def _fetch_members(self, group: str) -> frozenset[str]:
        where = {"team_id": self._company.team} if self._company.is_org_wide else {}
        answer = await self._calls(self._client.usergroups_users_list, usergroup=group, **where)
        members = _part(answer, "users", list)
        if not all(isinstance(member, str) for member in members):
            raise SlackError("Slack's answer lists members that are not user ids.", code="incomplete_answer")
        return frozenset(members)

    async def _fetch_external(self, channel: str) -> bool | None:
        answer = await self._calls(self._client.conversations_info, channel=channel)
        info = _part(answer, "channel", dict)
        if any(info.get(key) for key in ("is_ext_shared", "is_pending_ext_shared")):
            return True
        # A direct message is judged by the person in it.
        is_said = info.get("is_ext_shared") is False and not info.get("is_im")
        return False if is_said else None


def _part(answer: AsyncSlackResponse, key: str, kind: type[P]) -> P:
    """Return a part that the answer must have. Raises SlackError without it."""
    data = answer.data
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, kind):
        raise SlackError(f"Slack's answer has no {key}.", code="incomplete_answer")
    return value


def _name(profile: dict[str, Any]) -> str:
    details = profile.get("profile")
    shown = details.get("display_name") if isinstance(details, dict) else None
    return str(shown or profile.get("real_name") or profile.get("name") or "")


def read_standing(profile: dict[str, Any], company: OwnCompany) -> AccountStatus:
    """Return the strictest status that applies: several can at once.

    A member's profile has every flag that tells members from others; one that lacks a flag is UNKNOWN.
    """
    if profile.get("deleted"):
        return AccountStatus.DEACTIVATED
    if profile.get("is_bot") or profile.get("id") == "USLACKBOT":
        return AccountStatus.BOT
    if "team_id" not in profile and not profile.get("is_stranger"):
        return AccountStatus.UNKNOWN
    if (status := company.status_of(profile)) is not AccountStatus.MEMBER:
        return status
    if profile.get("is_restricted") or profile.get("is_ultra_restricted"):
        return AccountStatus.GUEST
    is_complete = all(profile.get(key) is False for key in _MEMBER_FLAGS)
    return AccountStatus.MEMBER if is_complete else AccountStatus.UNKNOWN
