"""`pgbot check`: everything that can be verified before the bot runs, one result each."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from bot.audit.anchor_check import AnchorFinding, AnchorState, check_anchors
from bot.audit.chain_key import audit_key
from bot.audit.offline_file import find_unusable
from bot.audit.verified_log import lower_first
from bot.commands.dispatcher import Dispatcher
from bot.domain.cluster import Gap
from bot.domain.errors import PgbotError, SlackError, SlackUnavailable
from bot.domain.phrases import join_names
from bot.programs.anchoring import open_every_place
from bot.programs.check_result import CheckResult, failed, hinted, passed, unknown, warned
from bot.programs.cluster_check import check_coverage, check_gaps, check_selectors
from bot.programs.kernel import Kernel, registry
from bot.programs.open_work import examine_open_work
from bot.programs.read_alone import open_reading_kernel
from bot.programs.reference_check import (
    check_empty_keys,
    check_machine,
    check_migration,
    check_reports,
    check_secrets,
    find_reachable_contracts,
)
from bot.programs.settings_lint import lint
from bot.programs.slack_check import SlackCheck
from bot.reports.record import Report
from bot.runtime.bot_lease import LOOK_BACK
from bot.runtime.checked_clock import CheckedClock
from bot.runtime.clock import Clock
from bot.runtime.instance_lock import NAME, follow_links, identify_file, name_home
from bot.runtime.sending_right import NO_LEASE_WORDS
from bot.settings.data_folder import explain_earlier_folder
from bot.settings.model import Settings, Setup
from bot.settings.sections import AnchorSettings
from bot.slack.connection import SlackConnection, open_slack
from bot.slack.lease_channel import open_lease_channel
from bot.slack.web_api import WebApiCalls


async def examine(setup: Setup, clock: Clock, *, post: bool = False) -> list[CheckResult]:
    """Check settings, storage, both APIs, Slack and the clock. A failure in one does not stop the others.

    With `post`, each channel that the bot posts to gets a test card.
    """
    checked = CheckedClock(clock)
    if setup.file is None:
        source = (
            "settings: no app.yaml, so only help and whoami work in Slack, and only reads in the terminal"
        )
    else:
        source = f"settings in {setup.file}"
    reports = await check_reports(setup, clock)
    usable = replace(setup, settings=await _without_lost_contracts(reports.settings))
    return [
        passed(source),
        *_data_folder(),
        *_former_names(setup),
        *check_empty_keys(setup),
        *(
            CheckResult(each.level, each.what, each.advice, setup.place(*each.at))
            for each in lint(setup.settings, registry())
        ),
        *await check_secrets(setup, clock.now()),
        *await asyncio.to_thread(lambda: [*check_machine(setup), *check_migration(setup, clock.now())]),
        *reports.found,
        *await _collect("storage and cloud", lambda: _cloud(setup, usable, checked)),
        *await _collect("Slack", lambda: _slack(setup, checked, post=post)),
        _clock(checked),
    ]


async def _without_lost_contracts(settings: Settings) -> Settings:
    """Return settings with the contracts whose secrets are there, if any are: the log needs none of them."""
    reachable = await find_reachable_contracts(settings)
    if not reachable:
        return settings
    return settings.model_copy(update={"ionos": settings.ionos.model_copy(update={"contracts": reachable})})


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


def _data_folder() -> list[CheckResult]:
    said = explain_earlier_folder(os.environ)
    what, _, advice = said.partition(". ")
    return [hinted(what, advice)] if said else []


def _former_names(setup: Setup) -> list[CheckResult]:
    approvals = setup.settings.approvals
    if approvals.former_names or not approvals.rules:
        return []
    what = "approvals.former_names is 0: rules for its old name stop applying to a renamed cluster at once"
    place = setup.place("approvals", "former_names")
    return [warned(what, "Remove it to get 30 days, or set another duration.", place)]


async def _cloud(setup: Setup, usable: Setup, clock: Clock) -> AsyncIterator[CheckResult]:
    """Check the data and the cloud; `usable` has the settings without reports that can't be made."""
    key = await audit_key(setup.settings.audit.key)
    async with open_reading_kernel(usable, clock, key) as kernel:
        if kernel.database.path != setup.database:
            yield passed(f"audit log: pgbot serve will create it in {setup.database}")
        else:
            async for finding in _audit_log(setup, kernel, clock):
                yield finding
        async for open_work in examine_open_work(_with_all(kernel.dispatcher, setup.settings)):
            yield (failed if open_work.blocks else warned)(open_work.what, open_work.advice)
        answers = await kernel.fleet.probe()
        for host in answers.items:
            yield passed(f"cloud: {host} responds")
        for finding in check_gaps(setup, answers.gaps):
            yield finding
        clusters = await kernel.fleet.clusters()
        seen = {each.name for each in usable.settings.ionos.contracts}
        lost = [each.name for each in setup.settings.ionos.contracts if each.name not in seen]
        gaps = tuple(Gap(where=f"contract {name}", why="its secret can't be read") for name in lost)
        clusters = replace(clusters, gaps=(*clusters.gaps, *gaps))
        for finding in (
            *check_coverage(kernel.dispatcher.policy, clusters.items),
            *check_selectors(setup, clusters),
        ):
            yield finding


def _with_all(dispatcher: Dispatcher, settings: Settings) -> Dispatcher:
    """Return the dispatcher with the contracts and reports that can't be used, too: app.yaml has them."""
    reports = replace(dispatcher.reports, from_file=tuple(Report(setting=each) for each in settings.reports))
    return replace(dispatcher, settings=settings, reports=reports)


async def _audit_log(setup: Setup, kernel: Kernel, clock: Clock) -> AsyncIterator[CheckResult]:
    """Verify the log, compare it with its anchors, and the open changes with it."""
    if error := await asyncio.to_thread(find_unusable, setup.database):
        yield failed(f"files: {error.sentence}", error.next_step)
        return
    log = kernel.audit.verified
    await kernel.audit.catch_up()
    if log.doubt:
        yield failed(f"audit log: {log.doubt}", "Keep the file unchanged, and find out who changed it.")
        return
    yield passed(f"audit log in {setup.database.name}: the hash chain is intact")
    for alarm in log.alarms:
        yield failed(f"audit log: {alarm.change} was stopped ({alarm.why})", "Check it, then settle it.")
    for change in await kernel.dispatcher.changes.rows.find_unproven():
        yield failed(
            f"audit log: it has no proof of {change}", "pgbot serve will stop it and give the reason."
        )
    async with open_every_place(setup, clock) as places:
        for finding in await check_anchors(kernel.audit, places):
            yield _anchor_result(finding)
    if setup.settings.audit.anchors == AnchorSettings():
        yield warned(
            "audit log: without anchors, missing rows at its end would go unnoticed",
            "Add a channel, a file on another machine or a program under audit.anchors.",
        )


def _anchor_result(finding: AnchorFinding) -> CheckResult:
    what = f"audit log: {lower_first(finding.words)}"
    if finding.state is AnchorState.OLDER:
        return failed(what, "Run “pgbot recover --dry-run” to see what is lost.")
    if finding.contradicts:
        return failed(what, "Find out who changed the file. “pgbot audit accept” accepts it as it is.")
    if finding.state is AnchorState.MATCHES:
        return passed(what)
    return warned(what, "Until its anchors can be read, missing rows at its end go unnoticed.")


def _clock(clock: CheckedClock) -> CheckResult:
    """Compare the machine's clock with the answers that the other checks got."""
    doubt = clock.doubt
    if doubt is None:
        names = join_names([f"{name}'s" for name in clock.operators])
        return passed(f"clock: it agrees with {names}")
    if not clock.operators:
        return unknown(f"clock: {lower_first(doubt.why)}", "Check again when Slack or IONOS responds.")
    return failed(f"clock: {lower_first(doubt.why)}", "Check the machine's time synchronization (NTP).")


async def _slack(setup: Setup, clock: CheckedClock, *, post: bool) -> AsyncIterator[CheckResult]:
    async with open_slack(setup.settings.slack, clock=clock) as slack:
        check = SlackCheck(setup, slack, WebApiCalls(clock))
        for finding in await check.results(post=post):
            yield finding
        lease = await _lease(setup, slack, clock)
        if not lease.ok or check.takes_messages(setup.settings.outside_channel):
            yield lease  # else it is said of the channel


async def _lease(setup: Setup, slack: SlackConnection, clock: Clock) -> CheckResult:
    """Say which bot holds the Slack app, by the machine's clock: Slack tells its own to those who post."""
    channel = setup.settings.outside_channel
    if channel is None:
        what = f"Slack: {lower_first(NO_LEASE_WORDS).rstrip('.')}"
        return warned(what, "Set either, and invite the bot to it.")
    now = clock.now().timestamp()
    try:
        claims = await open_lease_channel(slack, clock, channel).read(now - LOOK_BACK)
    except SlackError as error:
        return failed(f"Slack: can't read the lease in {channel}: {error.sentence}", error.next_step)
    holders = [each.holder for each in claims if each.until >= now]
    if not holders:
        return passed(f"Slack: channel {channel} stores the lease, and no bot holds it now")
    own = name_home(identify_file(follow_links(setup.database).with_name(NAME)))
    if own and holders[0].home == own:
        return passed("Slack: this bot holds the lease of the app")
    return failed(
        f"Slack: another bot holds the lease of this app: {holders[0]}",
        "Stop one of the two. If you stop the other one, run “pgbot takeover” for this one.",
    )
