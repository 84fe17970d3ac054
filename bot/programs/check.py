"""`pgbot check`: everything that can be verified before the bot runs, one result each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.access.policy import EVERYONE, Policy
from bot.audit.anchor_check import AnchorFinding, AnchorState, check_anchors
from bot.audit.chain_key import audit_key
from bot.audit.offline_file import find_unusable
from bot.audit.verified_log import lower_first
from bot.domain.cluster import Cluster
from bot.domain.errors import PgbotError, SlackError, SlackUnavailable
from bot.domain.name_match import matches_name
from bot.domain.phrases import join_names, join_some
from bot.programs.anchoring import open_every_place
from bot.programs.open_work import examine_open_work
from bot.programs.read_alone import open_reading_kernel
from bot.programs.serve import Kernel, registry
from bot.programs.settings_lint import lint, unknown_people
from bot.runtime.bot_lease import LOOK_BACK
from bot.runtime.checked_clock import CheckedClock
from bot.runtime.clock import Clock
from bot.runtime.instance_lock import NAME, follow_links, identify_file, name_home
from bot.runtime.sending_right import NO_LEASE_WORDS
from bot.settings.audit_settings import AnchorSettings
from bot.settings.model import Settings, Setup
from bot.settings.secrets import resolve_token
from bot.slack.connection import SlackConnection, call_slack, open_slack, open_socket_address
from bot.slack.error_words import LACKS_SCOPE, slack_error
from bot.slack.lease_channel import open_lease_channel
from bot.slack.manifest import scopes


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check. Advice of one that did not fail makes it a warning; one that could not be made
    is `unknown`, which is not ok either."""

    ok: bool
    what: str
    advice: str = ""
    unknown: bool = False

    def __str__(self) -> str:
        bad = "NOT NOW" if self.unknown else "WRONG"
        mark = bad if not self.ok else "warning" if self.advice else "ok"
        return f"{mark:<8}{self.what}" + (f"\n        {self.advice}" if self.advice else "")

    def as_dict(self) -> dict[str, Any]:
        """Return it for machines."""
        return asdict(self)


def passed(what: str) -> CheckResult:
    """Return a check that passed."""
    return CheckResult(ok=True, what=what)


def failed(what: str, advice: str) -> CheckResult:
    """Return a check that failed."""
    return CheckResult(ok=False, what=what, advice=advice)


def unknown(what: str, advice: str) -> CheckResult:
    """Return a check that could not be made now."""
    return CheckResult(ok=False, what=what, advice=advice, unknown=True)


async def examine(setup: Setup, clock: Clock) -> list[CheckResult]:
    """Check settings, storage, both APIs, Slack and the clock. A failure in one does not stop the others."""
    checked = CheckedClock(clock)
    if setup.file is None:
        source = "settings: no app.yaml, so help and whoami in Slack and reads in the terminal"
    else:
        source = f"settings in {setup.file}"
    return [
        passed(source),
        *_permissions(setup.settings),
        *_former_names(setup.settings),
        *(failed(flaw.what, flaw.advice) for flaw in lint(setup.settings, registry())),
        *await _collect("storage and cloud", lambda: _cloud(setup, checked)),
        *await _collect("Slack", lambda: _slack(setup, checked)),
        _clock(checked),
    ]


async def _collect(what: str, look: Callable[[], AsyncIterator[CheckResult]]) -> list[CheckResult]:
    """Collect the results of a group of checks; an error on the way becomes the last one."""
    found: list[CheckResult] = []
    try:
        async for finding in look():
            found.append(finding)  # noqa: PERF401 - a comprehension would lose what came before the error
    except SlackUnavailable as error:
        found.append(unknown(f"{what}: {error.sentence}", error.next_step))
    except PgbotError as error:
        found.append(failed(f"{what}: {error.sentence}", error.next_step))
    return found


def _permissions(settings: Settings) -> list[CheckResult]:
    """Report patterns that match no command and roles without members: nobody would notice them."""
    found = []
    names = [each.name for each in registry()]
    for number, grant in enumerate(settings.permissions, start=1):
        found += [
            failed(
                f"permission {number}: {pattern} fits no command",
                "Correct allow; “pgbot run help” lists them.",
            )
            for pattern in grant.allow
            if not any(matches_name(name, pattern) for name in names)
        ]
        found += [
            failed(
                f"permission {number}: nobody is in the role {role}",
                "Add people to it, or take the role out.",
            )
            for role in grant.to
            if role != EVERYONE and not settings.people[role]
        ]
    return found


def _former_names(settings: Settings) -> list[CheckResult]:
    if settings.approvals.former_names or not settings.approvals.rules:
        return []
    what = "approvals.former_names is 0: a renamed cluster leaves the rules for its name at once"
    return [CheckResult(ok=True, what=what, advice="Leave it out for 30 days, or set another time.")]


async def _cloud(setup: Setup, clock: Clock) -> AsyncIterator[CheckResult]:
    key = await audit_key(setup.settings.audit.key)
    async with open_reading_kernel(setup, clock, key) as kernel:
        if kernel.database.path != setup.database:
            yield passed(f"audit log: pgbot serve will begin it in {setup.database}")
        else:
            async for finding in _audit_log(setup, kernel, clock):
                yield finding
        async for open_work in examine_open_work(kernel.dispatcher):
            yield CheckResult(ok=not open_work.blocks, what=open_work.what, advice=open_work.advice)
        answers = await kernel.fleet.probe()
        for host in answers.items:
            yield passed(f"cloud: {host} answers")
        for gap in answers.gaps:
            yield failed(f"cloud: {gap}", "")
        clusters = (await kernel.fleet.clusters()).items
        for finding in _left_to_default(kernel.dispatcher.policy, clusters):
            yield finding


async def _audit_log(setup: Setup, kernel: Kernel, clock: Clock) -> AsyncIterator[CheckResult]:
    """Verify the log, compare it with its anchors, and the open changes with it."""
    if error := await asyncio.to_thread(find_unusable, setup.database):
        yield failed(f"files: {error.sentence}", error.next_step)
        return
    log = kernel.audit.verified
    await kernel.audit.catch_up()
    if log.doubt:
        yield failed(f"audit log: {log.doubt}", "Keep the file as it is, and find out who changed it.")
        return
    yield passed(f"audit log in {setup.database.name}: every row follows from the one before")
    for alarm in log.alarms:
        yield failed(f"audit log: {alarm.change} was stopped ({alarm.why})", "Look at it, then settle it.")
    for change in await kernel.dispatcher.changes.rows.find_unproven():
        yield failed(f"audit log: it does not prove {change}", "pgbot serve stops it and says why.")
    async with open_every_place(setup, clock) as places:
        for finding in await check_anchors(kernel.audit, places):
            yield _anchor_result(finding)
    if setup.settings.audit.anchors == AnchorSettings():
        yield CheckResult(
            ok=True,
            what="audit log: nothing anchors it, so rows cut off at its end would not be missed",
            advice="Name a channel, a file on another machine or a program under audit.anchors.",
        )


def _anchor_result(finding: AnchorFinding) -> CheckResult:
    what = f"audit log: {lower_first(finding.words)}"
    if finding.state is AnchorState.OLDER:
        return failed(what, "“pgbot recover --dry-run” shows what is lost.")
    if finding.contradicts:
        return failed(what, "Find out who changed the file. “pgbot audit accept” accepts it as it is.")
    matches = finding.state is AnchorState.MATCHES
    advice = "" if matches else "Until its anchors can be read, rows cut off at its end are not missed."
    return CheckResult(ok=True, what=what, advice=advice)


def _left_to_default(policy: Policy, clusters: Sequence[Cluster]) -> Iterator[CheckResult]:
    """Report clusters that no approval rule covers for changes that have rules, each set of them once."""
    changes: dict[tuple[str, ...], list[str]] = {}
    for each in registry():
        if each.change is not None:
            names = tuple(sorted(c.name or c.id for c in policy.left_to_default(each.name, clusters)))
            changes.setdefault(names, []).append(each.name)
    for names, commands in changes.items():
        if names:
            what = f"approvals: no rule for {join_names(commands)} covers {join_some(names, LISTED)}"
            yield CheckResult(ok=True, what=what, advice="approvals.default decides about them.")


LISTED = 20
"""Clusters that a result names before it counts the others."""


def _clock(clock: CheckedClock) -> CheckResult:
    """Compare the machine's clock with the answers that the other checks got."""
    doubt = clock.doubt
    if doubt is None:
        names = join_names([f"{name}'s" for name in clock.operators])
        return passed(f"clock: it agrees with {names}")
    if not clock.operators:
        return unknown(f"clock: {lower_first(doubt.why)}", "Check it again when one of them responds.")
    return failed(f"clock: {lower_first(doubt.why)}", "Check the machine's time synchronization (NTP).")


async def _slack(setup: Setup, clock: CheckedClock) -> AsyncIterator[CheckResult]:
    settings = setup.settings
    async with open_slack(settings.slack, clock=clock) as slack:
        yield passed(f"Slack: bot {slack.workspace.bot_user} of team {slack.workspace.team}")
        for finding in _scopes(settings, slack.workspace.scopes):
            yield finding
        yield await _transport_secret(settings, slack)
        for flaw in await unknown_people(settings, lambda member: _is_known(slack, member)):
            yield failed(flaw.what, flaw.advice)
        for channel in sorted(_channels(settings)):
            yield await _channel(slack, channel)
        yield await _lease(setup, slack, clock)


async def _lease(setup: Setup, slack: SlackConnection, clock: Clock) -> CheckResult:
    """Say which bot holds the Slack app, by the machine's clock: Slack tells its own to those who post."""
    channel = setup.settings.outside_channel
    if channel is None:
        what = f"Slack: {lower_first(NO_LEASE_WORDS).rstrip('.')}"
        return CheckResult(ok=True, what=what, advice="Set one of them, and invite the bot to it.")
    now = clock.now().timestamp()
    try:
        claims = await open_lease_channel(slack, clock, channel).read(now - LOOK_BACK)
    except SlackError as error:
        return failed(f"Slack: the lease in {channel} can't be read: {error.sentence}", error.next_step)
    holders = [each.holder for each in claims if each.until >= now]
    if not holders:
        return passed(f"Slack: channel {channel} keeps the lease, which nobody holds at the moment")
    own = name_home(identify_file(follow_links(setup.database).with_name(NAME)))
    if own and holders[0].home == own:
        return passed("Slack: the bot of this data folder holds the app")
    return failed(
        f"Slack: another bot holds this app: {holders[0]}",
        "Stop one of the two. If it is the other one, “pgbot takeover” lets this one go on.",
    )


def _scopes(settings: Settings, granted: frozenset[str]) -> list[CheckResult]:
    missing = sorted(scopes(user_groups=bool(settings.user_groups)) - granted)
    if not missing:
        return [passed("Slack: every scope is granted")]
    words = f"Slack: the app lacks the scope{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
    return [failed(words, "Update the app with “pgbot manifest”, then install it to the workspace again.")]


async def _transport_secret(settings: Settings, slack: SlackConnection) -> CheckResult:
    if settings.slack.mode == "http":
        await resolve_token(settings.slack.signing_secret)
        return passed("Slack: HTTP mode, the signing secret is there")
    token = await resolve_token(settings.slack.app_token)
    try:
        await open_socket_address(slack.client, token)
    except SlackUnavailable as error:
        return unknown(f"Slack: Socket Mode: {error.sentence}", error.next_step)
    except SlackError as error:
        return failed(f"Slack: Socket Mode: {error.sentence}", error.next_step)
    return passed("Slack: the app token opens Socket Mode connections")


async def _channel(slack: SlackConnection, channel: str) -> CheckResult:
    try:
        asked = await _call_error(lambda: slack.client.conversations_info(channel=channel))
    except SlackUnavailable as error:
        return unknown(f"Slack: channel {channel}: {error.sentence}", error.next_step)
    if asked is None:
        return passed(f"Slack: channel {channel} is there")
    if asked in LACKS_SCOPE:
        return failed(f"Slack: channel {channel}: {asked}", slack_error(asked).next_step)
    return failed(f"Slack: channel {channel}: {asked}", "Correct the id, or invite the bot to the channel.")


async def _is_known(slack: SlackConnection, member: str) -> bool | None:
    """Return whether Slack knows this person or user group; None when it does not say."""
    try:
        if member.startswith("S"):
            asked = await _call_error(lambda: slack.client.usergroups_users_list(usergroup=member))
        else:
            asked = await _call_error(lambda: slack.client.users_info(user=member))
    except SlackUnavailable:
        return None
    return True if asked is None else False if asked in {"user_not_found", "no_such_subteam"} else None


async def _call_error(call: Callable[[], Awaitable[AsyncSlackResponse]]) -> str | None:
    """Return None if Slack accepts the call, else its error code. Raises SlackUnavailable."""
    try:
        await call_slack(call)
    except SlackUnavailable as error:
        if error.code and not error.trouble.passes:
            return error.code
        raise
    except SlackError as error:
        return error.code
    return None


def _channels(settings: Settings) -> set[str]:
    granted = {channel for grant in settings.permissions for channel in grant.channels or ()}
    return granted | {entry.channel for entry in settings.clusters if entry.channel}
