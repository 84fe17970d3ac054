"""`pgbot check`: everything that can be verified before the bot runs, one result each.

It ends with 0 when nothing is wrong (hints and warnings aside), with 1 when something is or could not be
checked, and with 2 when app.yaml can't be read.
"""

import argparse
import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace

from bot.access.policy import Policy
from bot.audit.anchor_places import AnchorFinding, AnchorState, check_anchors
from bot.audit.log import audit_key
from bot.audit.verified_log import lower_first
from bot.audit.verify import find_unusable
from bot.commands.dispatcher import Dispatcher
from bot.domain.cluster import Cluster, Gap, Listing
from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError, PgbotError, SlackError, SlackUnavailable
from bot.domain.phrases import join_names, join_some
from bot.ionos.endpoint import EndpointRefusal
from bot.ionos.http_errors import ONLY_BY_BEARER
from bot.programs.check_result import CheckResult, failed, hinted, passed, unknown, warned
from bot.programs.kernel import Kernel, registry
from bot.programs.open_work import examine_open_work
from bot.programs.outside_places import open_every_place
from bot.programs.read_alone import open_reading_kernel
from bot.programs.reference_check import (
    check_empty_keys,
    check_machine,
    check_migration,
    check_reports,
    check_secrets,
    keep_reachable_contracts,
)
from bot.programs.settings_lint import lint, name_selector, named_clusters
from bot.programs.slack_check import SlackCheck
from bot.programs.terminal_screen import say
from bot.reports.record import Report
from bot.runtime.bot_lease import LOOK_BACK
from bot.runtime.checked_clock import CheckedClock
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.instance_lock import NAME, follow_links, identify_file, name_home
from bot.runtime.sending_right import NO_LEASE_WORDS
from bot.settings.data_folder import explain_earlier_folder
from bot.settings.model import ClusterMatch, Selector, Settings, Setup, load_settings
from bot.settings.sections import AnchorSettings
from bot.settings.yaml_source import Location
from bot.slack.connection import SlackConnection, open_slack
from bot.slack.own_messages import LeaseChannel, open_own_messages
from bot.slack.web_api import WebApiCalls
from migrations.readiness import merge_waivers

LISTED = 20
"""Clusters that a result names before it counts the others."""


async def run(args: argparse.Namespace) -> int:
    """Check, print the results, and return the exit code. Raises ConfigError where nothing is printed."""
    try:
        setup = load_settings(args.config)
    except ConfigError as error:
        if not args.json:
            raise
        _print([_refused(line, error.next_step) for line in error.sentence.splitlines()], as_json=True)
        return ExitCode.USAGE
    findings = await examine(setup, SystemClock(), post=args.post)
    _print(findings, as_json=args.json)
    return ExitCode.OK if all(each.ok for each in findings) else ExitCode.FAILED


def _refused(line: str, next_step: str) -> CheckResult:
    """Return one line about a file that was refused: `app.yaml line 7: slack.mode: …`."""
    place, _, what = line.partition(": ")
    return failed(what, next_step, place=place) if what else failed(line, next_step)


def _print(findings: Sequence[CheckResult], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps([each.as_dict() for each in findings], indent=2, ensure_ascii=False))
    else:
        say(*map(str, findings))


async def examine(setup: Setup, clock: Clock, *, post: bool = False) -> list[CheckResult]:
    """Check settings, storage, both APIs, Slack and the clock. A failure in one does not stop the others.

    With `post`, each channel that the bot posts to gets a test card.
    """
    checked, settings = CheckedClock(clock), setup.settings
    if setup.file is None:
        source = (
            "settings: no app.yaml, so only help and whoami work in Slack, and only reads in the terminal"
        )
    else:
        source = f"settings in {setup.file}"
    usable, reports = await check_reports(setup, clock)
    usable_setup = replace(setup, settings=await keep_reachable_contracts(usable))
    found = [
        passed(source),
        *_data_folder(),
        *_former_names(settings),
        *check_empty_keys(setup),
        *lint(settings, registry()),
        *await check_secrets(settings, clock.now()),
        *await asyncio.to_thread(lambda: [*check_machine(settings), *check_migration(settings, clock.now())]),
        *reports,
        *await _collect("storage and cloud", lambda: _cloud(setup, usable_setup, checked)),
        *await _collect("Slack", lambda: _slack(setup, checked, post=post)),
        _clock(checked),
    ]
    return [replace(each, place=setup.place(*each.at)) for each in found]


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


def _former_names(settings: Settings) -> list[CheckResult]:
    if settings.approvals.former_names or not settings.approvals.rules:
        return []
    what = "approvals.former_names is 0: rules for its old name stop applying to a renamed cluster at once"
    advice = "Remove it to get 30 days, or set another duration."
    return [warned(what, advice, ("approvals", "former_names"))]


async def _cloud(setup: Setup, usable: Setup, clock: Clock) -> AsyncIterator[CheckResult]:
    """Check the data and the cloud; `usable` has the settings without reports that can't be made."""
    key = await audit_key(setup.settings.audit.key)
    async with open_reading_kernel(usable, clock, key) as kernel:
        if kernel.database.path != setup.database:
            yield passed(f"audit log: pgbot serve will create it in {setup.database}")
        else:
            async for finding in _audit_log(setup, kernel, clock):
                yield finding
        async for finding in examine_open_work(_with_all(kernel.dispatcher, setup.settings)):
            yield finding
        answers = await kernel.fleet.probe()
        for host in answers.items:
            yield passed(f"cloud: {host} responds")
        for finding in check_gaps(setup.settings, answers.gaps):
            yield finding
        clusters = await kernel.fleet.clusters()
        seen = {each.name for each in usable.settings.ionos.contracts}
        lost = [each.name for each in setup.settings.ionos.contracts if each.name not in seen]
        gaps = tuple(Gap(where=f"contract {name}", why="its secret can't be read") for name in lost)
        clusters = replace(clusters, gaps=(*clusters.gaps, *gaps))
        for finding in (
            *check_coverage(kernel.dispatcher.policy, clusters.items),
            *check_selectors(setup.settings, clusters),
        ):
            yield finding


def _with_all(dispatcher: Dispatcher, settings: Settings) -> Dispatcher:
    """Return the dispatcher with the contracts and reports that can't be used, too: app.yaml has them."""
    reports = replace(dispatcher.reports, from_file=tuple(Report(setting=each) for each in settings.reports))
    return replace(dispatcher, settings=settings, reports=reports)


def check_gaps(settings: Settings, gaps: Sequence[Gap]) -> Iterator[CheckResult]:
    """Report each endpoint that refused the credentials (error) or did not respond (unknown), and once each
    contract with a login, which v2 does not accept (warning)."""
    contracts = {each.name: n for n, each in enumerate(settings.ionos.contracts)}
    told = set()
    for gap in gaps:
        number = contracts.get(gap.contract or "")
        at: Location = () if number is None else ("ionos", "contracts", number)
        if not isinstance(gap, EndpointRefusal):
            yield unknown(f"cloud: {gap}", "Set ionos.api_url and ionos.region_url both, or neither.", at)
        elif gap.is_passing:
            yield unknown(f"cloud: {gap}", "Check again later, or correct the address under ionos.", at)
        elif not gap.why.endswith(ONLY_BY_BEARER):
            yield failed(f"cloud: {gap}", "Check the contract's token and the address under ionos.", at)
        elif gap.contract not in told:
            told.add(gap.contract)
            words = f"cloud: contract {gap.contract} uses a login, so pgbot can’t see its v2 clusters"
            yield warned(words, "Give it a token. v2 accepts nothing else.", at)


def check_selectors(settings: Settings, clusters: Listing[Cluster]) -> Iterator[CheckResult]:
    """Report selectors that match no cluster of today; unknown where a place did not respond."""
    found = clusters.items
    idle: list[tuple[Location, str]] = []
    for at, each in named_clusters(settings):
        if not any(_matches(each, cluster, settings) for cluster in found):
            given = each.model_dump(exclude_none=True).items()
            idle.append((at, f"{name_selector(at)}: {', '.join(f'{key} {value}' for key, value in given)}"))
    for n, waiver in enumerate(settings.waivers):
        if not merge_waivers([], [waiver.as_waiver()], found):
            idle.append((("waivers", n, "cluster"), f"waivers: {waiver.cluster} ({waiver.rule})"))
    for at, name in idle:
        if clusters.gaps:
            words = f"{name} matches no cluster so far, and some endpoints did not respond"
            yield unknown(words, "Check again when every endpoint responds.", at)
        elif at[0] == "clusters":
            yield hinted(f"{name} matches no cluster", "Correct it, unless it is for future clusters.", at)
        else:
            yield warned(f"{name} matches no cluster", "Correct it, or remove it.", at)


def _matches(selector: ClusterMatch, cluster: Cluster, settings: Settings) -> bool:
    if isinstance(selector, Selector):
        return selector.covers(cluster, settings.tags(cluster))
    return selector.fits(cluster)


def check_coverage(policy: Policy, clusters: Sequence[Cluster]) -> Iterator[CheckResult]:
    """Report clusters that no approval rule covers for changes that have rules, each set of them once."""
    changes: dict[tuple[str, ...], list[str]] = {}
    for each in registry():
        if each.change is not None:
            names = tuple(sorted(c.name or c.id for c in policy.left_to_default(each.name, clusters)))
            changes.setdefault(names, []).append(each.name)
    for names, commands in changes.items():
        if names:
            what = f"approvals: no rule for {join_names(commands)} covers {join_some(names, LISTED)}"
            yield warned(what, "approvals.default applies to them.")


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
        check = SlackCheck(setup.settings, slack, WebApiCalls(clock))
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
        claims = await LeaseChannel(channel, open_own_messages(slack, clock)).read(now - LOOK_BACK)
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
