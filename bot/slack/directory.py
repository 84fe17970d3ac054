"""Who people and channels are, as Slack tells it; closed when Slack does not answer."""

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
from bot.slack.retry_wait import RetryWait
from bot.slack.web_api import WebApiCalls

log = structlog.get_logger()

KEPT_SECONDS = 60
"""How long an answer of Slack's counts. `usergroups.users.list` allows only 20 calls a minute."""

_SAID_OF_MEMBERS = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted")
"""Slack docs, "User object": each is there for everyone whose account is active."""

T = TypeVar("T")
P = TypeVar("P", dict[str, Any], list[Any])


@dataclass(slots=True)
class _Kept(Generic[T]):
    value: T
    until: float


class Directory:
    """People's standing and user groups, and whether a channel is shared with another company."""

    def __init__(
        self,
        client: AsyncWebClient,
        clock: Clock,
        team: str,
        groups: frozenset[str],
        patience: RetryWait | None = None,
    ) -> None:
        self._client = client
        self._calls = WebApiCalls(clock, patience)
        self._clock = clock
        self._team = team
        self._groups = sorted(groups)
        self._people: dict[str, _Kept[dict[str, Any]]] = {}
        self._members: dict[str, _Kept[frozenset[str]]] = {}
        self._external: dict[str, _Kept[bool | None]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def actor(self, user: str, team: str, *, certain: bool = False) -> Actor:
        """The person, with standing and groups. UNKNOWN, which may do nothing, if Slack cannot say.

        Where a group cannot be read, UNREAD stands among the groups; with `certain` that raises SlackError.
        """
        if team and team != self._team:
            return Actor(origin=Origin.SLACK, id=user, team=team, standing=AccountStatus.STRANGER)
        try:
            profile = await self._once(f"user {user}", self._people, user, self._profile)
        except SlackError as error:
            log.warning("users.info failed", user=user, error=error.code)
            return Actor(origin=Origin.SLACK, id=user, team=self._team, standing=AccountStatus.UNKNOWN)
        return Actor(
            origin=Origin.SLACK,
            id=user,
            name=_name(profile),
            team=self._team,
            standing=_standing(profile, self._team),
            groups=await self._groups_of(user, certain=certain),
            time_zone=str(profile.get("tz") or "UTC"),
        )

    async def is_external(self, channel: str) -> bool | None:
        """Whether people of another company may read along; None if Slack does not say."""
        if not channel or channel.startswith("D"):
            return False
        try:
            return await self._once(f"channel {channel}", self._external, channel, self._shared)
        except SlackError as error:
            log.info("conversations.info failed", channel=channel, error=error.code)
            return None

    async def _groups_of(self, user: str, *, certain: bool) -> frozenset[str]:
        found = set()
        for group in self._groups:
            try:
                members = await self._once(f"group {group}", self._members, group, self._group_members)
            except SlackError as error:
                log.warning("usergroups.users.list failed", group=group, error=error.code)
                if certain:
                    raise
                found.add(UNREAD)
                continue
            if user in members:
                found.add(group)
        return frozenset(found)

    async def _once(
        self, label: str, kept: dict[str, _Kept[T]], key: str, ask: Callable[[str], Awaitable[T]]
    ) -> T:
        """The kept answer, or a fresh one; many who ask at the same time share one call."""
        async with self._asking.setdefault(label, asyncio.Lock()):
            known = kept.get(key)
            if known is None or known.until <= self._clock.monotonic():
                value = await ask(key)
                known = kept[key] = _Kept(value, self._clock.monotonic() + KEPT_SECONDS)
            return known.value

    async def _profile(self, user: str) -> dict[str, Any]:
        answer = await self._calls(self._client.users_info, user=user)
        return _part(answer, "user", dict)

    async def _group_members(self, group: str) -> frozenset[str]:
        answer = await self._calls(self._client.usergroups_users_list, usergroup=group)
        members = _part(answer, "users", list)
        if not all(isinstance(member, str) for member in members):
            raise SlackError("Slack's answer has members that are none.", code="incomplete_answer")
        return frozenset(members)

    async def _shared(self, channel: str) -> bool | None:
        answer = await self._calls(self._client.conversations_info, channel=channel)
        info = _part(answer, "channel", dict)
        said = [info.get(key) for key in ("is_ext_shared", "is_pending_ext_shared")]
        if any(said):
            return True
        return False if said[0] is False else None


def _part(answer: AsyncSlackResponse, key: str, kind: type[P]) -> P:
    """What an answer must hold. Raises SlackError where it does not."""
    data = answer.data
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, kind):
        raise SlackError(f"Slack's answer has no {key}.", code="incomplete_answer")
    return value


def _name(profile: dict[str, Any]) -> str:
    details = profile.get("profile")
    shown = details.get("display_name") if isinstance(details, dict) else None
    return str(shown or profile.get("real_name") or profile.get("name") or "")


def _standing(profile: dict[str, Any], team: str) -> AccountStatus:
    """Strictest first: what Slack says of an account can be several of these at once.

    A member is one of whom Slack says every word that tells a member from the others: a profile that
    leaves one out is of nobody we know.
    """
    if profile.get("deleted"):
        return AccountStatus.DEACTIVATED
    if profile.get("is_bot") or profile.get("id") == "USLACKBOT":
        return AccountStatus.BOT
    if profile.get("is_stranger") or profile.get("team_id", team) != team:
        return AccountStatus.STRANGER
    if profile.get("is_restricted") or profile.get("is_ultra_restricted"):
        return AccountStatus.GUEST
    said = all(profile.get(key) is False for key in _SAID_OF_MEMBERS) and "team_id" in profile
    return AccountStatus.MEMBER if said else AccountStatus.UNKNOWN
