"""Results of `pgbot check` about Slack: scopes, channels, people, user groups, rights of owners."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.access.policy import CommandRequest, Policy
from bot.commands.parser import parse
from bot.domain.command_info import CommandEffect
from bot.domain.errors import ConfigError, InputError, SlackError, SlackUnavailable
from bot.domain.phrases import join_names
from bot.domain.reply import Reply, Text
from bot.domain.request import AccountStatus, Actor, Origin
from bot.domain.slack_trouble import SlackTrouble
from bot.programs.check_result import CheckLevel, CheckResult, failed, hinted, passed, unknown, warned
from bot.programs.kernel import registry
from bot.programs.settings_lint import ChannelUse, is_channel, is_person, named_channels, named_people
from bot.settings.model import Settings
from bot.settings.secrets import resolve_token
from bot.settings.yaml_source import Location, dotted
from bot.slack.connection import SlackConnection, open_socket_address
from bot.slack.directory import OwnCompany, read_standing
from bot.slack.manifest import scopes
from bot.slack.message_renderer import render
from bot.slack.web_api import SAFE, WebApiCalls

AT_A_TIME = 5
"""Calls to Slack at a time."""

_APP_TOKEN = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-.*")

_NO_MEMBER = {
    AccountStatus.DEACTIVATED: "the account is deactivated",
    AccountStatus.BOT: "this is an app, and apps can’t run commands",
    AccountStatus.STRANGER: "the account belongs to another company",
    AccountStatus.OTHER_WORKSPACE: "the account is in a workspace that is not in slack.workspaces",
}
T = TypeVar("T")
Verdict = tuple[CheckLevel, str, str]
"""Level, what is the case, and advice."""


@dataclass(slots=True)
class SlackCheck:
    """The checks of one workspace; each id is asked about once."""

    settings: Settings
    slack: SlackConnection
    calls: WebApiCalls
    _limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_A_TIME))
    _people: dict[str, Actor] = field(default_factory=dict)
    _groups: dict[str, frozenset[str]] = field(default_factory=dict)
    _channels: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def results(self, *, post: bool) -> list[CheckResult]:
        """Return every result; with `post`, send a test card to each channel that the bot posts to."""
        named = sorted(named_people(self.settings).items())
        uses: dict[str, list[ChannelUse]] = {}
        for use in named_channels(self.settings):
            if is_channel(use.channel):
                uses.setdefault(use.channel, []).append(use)
        transport = await self._transport()
        members = await asyncio.gather(*(self._check_member(*each) for each in named))
        channels = await asyncio.gather(*(self._check_channel(*each) for each in uses.items()))
        posted = [each for each in uses.items() if post and any(use.posts for use in each[1])]
        return [
            *self._identity(),
            *_check_scopes(self.settings, self.slack.workspace.scopes),
            *transport,
            *(each for some in (*members, *channels) for each in some),
            *self._owners(),
            *await asyncio.gather(*(self._post(*each) for each in posted)),
        ]

    def takes_messages(self, channel: str | None) -> bool:
        """Return whether nothing speaks against posting there."""
        return _judge_channel(self._channels.get(channel or "", {}), posts=True)[0] is not CheckLevel.ERROR

    def _identity(self) -> Iterator[CheckResult]:
        own, wanted = self.slack.workspace, self.settings.slack.team
        if wanted not in {None, own.team}:
            yield failed(
                f"Slack: the bot token belongs to workspace {own.team}, but slack.team is {wanted}",
                "Use the token of the right workspace, or correct slack.team.",
                ("slack", "team"),
            )
        yield passed(f"Slack: bot {own.bot_user} in workspace {own.team}")

    async def _transport(self) -> list[CheckResult]:
        if self.settings.slack.mode == "http":
            return list(self._http_mode())
        try:
            token = await resolve_token(self.settings.slack.app_token)
            await open_socket_address(self.slack.client, token)
        except ConfigError:
            return []  # said of the secret
        except SlackUnavailable as error:
            return [unknown(f"Slack: Socket Mode: {error.sentence}", error.next_step)]
        except SlackError as error:
            at = ("slack", "app_token")
            return [failed(f"Slack: Socket Mode: {error.sentence}", error.next_step, at)]
        opened = passed("Slack: the app token opens Socket Mode connections")
        return [opened, *self._app_of(token.get_secret_value())]

    def _http_mode(self) -> Iterator[CheckResult]:
        if not self.settings.http.public_url:
            yield hinted(
                "Slack: http.public_url is not set, so “pgbot manifest” needs --url",
                "Set http.public_url to the address at which Slack reaches the bot.",
                ("slack", "mode"),
            )
        yield hinted(
            "Slack: HTTP mode: the signing secret can only be checked by a request from Slack",
            "See the number of refused requests at /readyz.",
        )

    def _app_of(self, token: str) -> Iterator[CheckResult]:
        """Report an app token of another app than slack.app: its id is in the token."""
        app, wanted = _APP_TOKEN.fullmatch(token), self.settings.slack.app
        if app and wanted not in {None, app[1]}:
            yield failed(
                f"Slack: the app token belongs to app {app[1]}, but slack.app is {wanted}",
                "Use the token of the right app, or correct slack.app.",
                ("slack", "app"),
            )

    async def _ask(
        self, method: Callable[..., Awaitable[Any]], key: str, kind: type[T], **arguments: Any
    ) -> T:
        """Return a part of Slack's answer. Raises SlackError."""
        async with self._limit:
            answer = await self.calls(method, **arguments)
        value = answer.get(key)
        if not isinstance(value, kind):
            raise SlackError(f"Slack's response has no {key}.", code="incomplete_answer")
        return value

    # People

    async def _check_member(self, member: str, places: list[Location]) -> list[CheckResult]:
        try:
            look = self._check_person if is_person(member) else self._check_group
            verdict = await look(member)
        except SlackError as error:
            verdict = _refusal(error)
        return _name_settings(member, [(at, verdict) for at in places])

    async def _check_person(self, member: str) -> Verdict:
        profile = await self._ask(self.slack.client.users_info, "user", dict, user=member)
        own = self.slack.workspace
        company = OwnCompany(own.team, self.settings.slack.workspaces, own.enterprise, own.is_org_wide)
        standing = read_standing(profile, company)
        name = str(profile.get("real_name") or profile.get("name") or member)
        self._people[member] = Actor(
            origin=Origin.SLACK, id=member, name=name, team=own.team, standing=standing
        )
        if standing in _NO_MEMBER:
            return CheckLevel.ERROR, f" ({name}): {_NO_MEMBER[standing]}", "Choose another person."
        if standing is AccountStatus.GUEST:
            words = f" ({name}) is a guest, and guests can only read"
            return CheckLevel.WARNING, words, "Choose a full member."
        if standing is AccountStatus.UNKNOWN:
            words = f" ({name}): Slack does not say which kind of account this is"
            return CheckLevel.UNKNOWN, words, "Check again later."
        return CheckLevel.OK, f" ({name}) is a member", ""

    async def _check_group(self, group: str) -> Verdict:
        own, ask = self.slack.workspace, self.slack.client.usergroups_users_list
        team = {"team_id": own.team} if own.is_org_wide else {}
        members = await self._ask(ask, "users", list, usergroup=group, **team)
        self._groups[group] = frozenset(members)
        if not members:
            return CheckLevel.ERROR, ": the user group has no members", "Add people to it in Slack."
        return CheckLevel.OK, f": {len(members)} in the user group", ""

    def _owners(self) -> Iterator[CheckResult]:
        """Report owners who may not run the command of their report: a change is refused then."""
        policy = Policy(self.settings)
        for n, report in enumerate(self.settings.reports):
            try:
                command = parse(report.command, registry()).command
            except InputError:
                continue  # said of the report
            at, owner = ("reports", n, "owner"), self._people.get(report.owner)
            unread = [each for each in self.settings.user_groups if each not in self._groups]
            if owner is None or owner.standing is not AccountStatus.MEMBER:
                continue  # said of the person
            groups = frozenset(each for each, members in self._groups.items() if owner.id in members)
            actor = Actor(origin=Origin.SLACK, id=owner.id, team=owner.team, groups=groups)
            channel = self._channels.get(report.channel, {})
            asked = CommandRequest(actor, report.channel, command, channel.get("is_ext_shared"))
            decision = policy.may_run(asked)
            words = f"report {report.name}: its owner {owner.name} may not run “{command.name}”"
            if decision.allowed:
                yield passed(f"report {report.name}: its owner {owner.name} may run “{command.name}”", at)
            elif unread:
                yield unknown(f"{words} according to Slack", f"{join_names(unread)} can't be read.", at)
            elif command.effect is CommandEffect.READ:
                advice = "A report in app.yaml still shows everything. Choose an owner who may see it."
                yield warned(f"{words}: {'; '.join(decision.trace)}", advice, at)
            else:
                advice = (
                    "Allow it under permissions, or choose another owner. Otherwise the change is refused."
                )
                yield failed(f"{words}: {'; '.join(decision.trace)}", advice, at)

    # Channels

    async def _check_channel(self, channel: str, uses: list[ChannelUse]) -> list[CheckResult]:
        try:
            info = await self._ask(self.slack.client.conversations_info, "channel", dict, channel=channel)
        except SlackError as error:
            return _name_settings(channel, [(use.at, _refusal(error)) for use in uses])
        self._channels[channel] = info
        found = [(use.at, _judge_channel(info, posts=use.posts)) for use in uses]
        return _name_settings(channel, found)

    async def _post(self, channel: str, uses: list[ChannelUse]) -> CheckResult:
        places = [each.at for each in uses if each.posts]
        named = join_names(map(dotted, places))
        card = Reply(
            "Test card of pgbot check",
            (Text(f"pgbot posts here because of {named}. You don’t have to do anything."),),
        )
        try:
            await self._ask(
                self.slack.client.chat_postMessage,
                "ts",
                str,
                channel=channel,
                **render(card).payload(),
                **SAFE,
            )
        except SlackError as error:
            level, words, advice = _refusal(error)
            return CheckResult(level, f"Slack: the test card for {channel}{words}", advice, places[0])
        return passed(f"Slack: a test card was posted to {channel}", places[0])


def _name_settings(name: str, found: Sequence[tuple[Location, Verdict]]) -> list[CheckResult]:
    """Return one result for what is all right, else one for each setting that names it."""
    if all(level is CheckLevel.OK for _, (level, _, _) in found):
        found = found[:1]
    return [
        CheckResult(level, f"Slack: {dotted(at)}: {name}{words}", advice, at)
        for at, (level, words, advice) in found
    ]


def _judge_channel(info: dict[str, Any], *, posts: bool) -> Verdict:
    """Judge a channel that the bot posts to, or in which people only run commands."""
    name = f" (#{info.get('name', '?')})"
    if info.get("is_archived"):
        return CheckLevel.ERROR, f"{name} is archived", "Choose another channel, or unarchive it."
    if info.get("is_member") is False:
        advice = "Invite the bot: type “/invite @” and its name in the channel."
        if posts:
            return CheckLevel.ERROR, f"{name}: the bot is not a member, so it can't post there", advice
        return CheckLevel.HINT, f"{name}: the bot is not a member, so it can't be mentioned there", advice
    if info.get("is_ext_shared") or info.get("is_pending_ext_shared"):
        advice = "That company can read all posts. Choose an internal channel, unless you want this."
        return CheckLevel.WARNING, f"{name} is shared with another company", advice
    if not info.get("is_member") or info.get("is_ext_shared") is None:
        words = f"{name}: Slack does not say if the bot is a member, or who else is"
        return CheckLevel.UNKNOWN, words, "Check again later."
    return CheckLevel.OK, f"{name}: the bot is a member", ""


def _refusal(error: SlackError) -> Verdict:
    """Return the verdict of a call that failed: unknown where a later one may succeed."""
    is_late = error.trouble is SlackTrouble.LATER
    return CheckLevel.UNKNOWN if is_late else CheckLevel.ERROR, f": {error.sentence}", error.next_step


def _check_scopes(settings: Settings, granted: frozenset[str]) -> list[CheckResult]:
    missing = sorted(scopes(user_groups=bool(settings.user_groups)) - granted)
    if not missing:
        return [passed("Slack: all scopes are granted")]
    words = f"Slack: the app lacks the scope{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
    return [failed(words, "Update the app with “pgbot manifest”, then install it to the workspace again.")]
