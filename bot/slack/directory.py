"""People, user groups and channels as Slack describes them; without an answer nobody gets rights."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.access.policy import UNREAD
from bot.domain.errors import SlackError
from bot.domain.request import AccountStatus, Actor, Origin
from bot.runtime.clock import Clock
from bot.slack.error_words import LACKS_SCOPE
from bot.slack.web_api import RetryWait, WebApiCalls

log = structlog.get_logger()

KEPT_SECONDS = 60
"""Seconds for which an answer is reused. `usergroups.users.list` allows only 20 calls a minute."""

_MEMBER_FLAGS = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted")
"""Fields of every active account (Slack docs, "User object")."""

T = TypeVar("T")
P = TypeVar("P", dict[str, Any], list[Any])


@dataclass(slots=True)
class _Kept(Generic[T]):
    value: T
    until: float


class Directory:
    """A cache of people's status and user groups, and of channels shared with another company."""

    def __init__(
        self,
        client: AsyncWebClient,
        clock: Clock,
        team: str,
        groups: frozenset[str],
        retry_wait: RetryWait | None = None,
    ) -> None:
        self._client = client
        self._retry_wait = retry_wait
        self._calls = WebApiCalls(clock, retry_wait)
        self._clock = clock
        self._team = team
        self._groups = sorted(groups)
        self._people: dict[str, _Kept[dict[str, Any]]] = {}
        self._members: dict[str, _Kept[frozenset[str]]] = {}
        self._external: dict[str, _Kept[bool | None]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def afresh(self) -> "Directory":
        """Return a directory that remembers nothing: for one check whose answers must be of now."""
        return Directory(self._client, self._clock, self._team, frozenset(self._groups), self._retry_wait)

    async def actor(self, user: str, team: str, *, certain: bool = False) -> Actor:
        """Return the person with status and groups; the status is UNKNOWN, without rights, if Slack fails.

        A group that cannot be read adds UNREAD to the groups; with `certain` it raises SlackError.
        """
        if team and team != self._team:
            return Actor(origin=Origin.SLACK, id=user, team=team, standing=AccountStatus.STRANGER)
        try:
            profile = await self._cached(f"user {user}", self._people, user, self._fetch_profile)
        except SlackError as error:
            log.warning("users.info failed", user=user, error=error.code, why=str(error))
            doubt = str(error) if error.code in LACKS_SCOPE else ""
            return Actor(
                origin=Origin.SLACK, id=user, team=self._team, standing=AccountStatus.UNKNOWN, doubt=doubt
            )
        return Actor(
            origin=Origin.SLACK,
            id=user,
            name=_name(profile),
            team=self._team,
            standing=_status_of(profile, self._team),
            groups=await self._groups_of(user, certain=certain),
            time_zone=str(profile.get("tz") or "UTC"),
        )

    async def is_external(self, channel: str) -> bool | None:
        """Return whether another company may read the channel, None if Slack does not say."""
        if not channel or channel.startswith("D"):
            return False
        try:
            return await self._cached(f"channel {channel}", self._external, channel, self._fetch_external)
        except SlackError as error:
            log.info("conversations.info failed", channel=channel, error=error.code, why=str(error))
            return None

    async def _groups_of(self, user: str, *, certain: bool) -> frozenset[str]:
        found = set()
        for group in self._groups:
            try:
                members = await self._cached(f"group {group}", self._members, group, self._fetch_members)
            except SlackError as error:
                log.warning("usergroups.users.list failed", group=group, error=error.code, why=str(error))
                if certain:
                    raise
                found.add(UNREAD)
                continue
            if user in members:
                found.add(group)
        return frozenset(found)

    async def _cached(
        self, label: str, kept: dict[str, _Kept[T]], key: str, ask: Callable[[str], Awaitable[T]]
    ) -> T:
        """Return the kept answer or a fresh one; simultaneous callers share one call."""
        async with self._locks.setdefault(label, asyncio.Lock()):
            known = kept.get(key)
            if known is None or known.until <= self._clock.monotonic():
                value = await ask(key)
                known = kept[key] = _Kept(value, self._clock.monotonic() + KEPT_SECONDS)
            return known.value

    async def _fetch_profile(self, user: str) -> dict[str, Any]:
        answer = await self._calls(self._client.users_info, user=user)
        return _part(answer, "user", dict)

    async def _fetch_members(self, group: str) -> frozenset[str]:
        answer = await self._calls(self._client.usergroups_users_list, usergroup=group)
        members = _part(answer, "users", list)
        if not all(isinstance(member, str) for member in members):
            raise SlackError("Slack's answer has members that are none.", code="incomplete_answer")
        return frozenset(members)

    async def _fetch_external(self, channel: str) -> bool | None:
        answer = await self._calls(self._client.conversations_info, channel=channel)
        info = _part(answer, "channel", dict)
        flags = [info.get(key) for key in ("is_ext_shared", "is_pending_ext_shared")]
        if any(flags):
            return True
        return False if flags[0] is False else None


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


def _status_of(profile: dict[str, Any], team: str) -> AccountStatus:
    """Return the strictest status that applies: several can at once.

    A member's profile has every flag that tells members from others; one that lacks a flag is UNKNOWN.
    """
    if profile.get("deleted"):
        return AccountStatus.DEACTIVATED
    if profile.get("is_bot") or profile.get("id") == "USLACKBOT":
        return AccountStatus.BOT
    if profile.get("is_stranger") or profile.get("team_id", team) != team:
        return AccountStatus.STRANGER
    if profile.get("is_restricted") or profile.get("is_ultra_restricted"):
        return AccountStatus.GUEST
    is_complete = all(profile.get(key) is False for key in _MEMBER_FLAGS) and "team_id" in profile
    return AccountStatus.MEMBER if is_complete else AccountStatus.UNKNOWN
