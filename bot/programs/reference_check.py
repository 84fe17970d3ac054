"""Results of `pgbot check` about this machine: secrets, programs, folders, calendars, reports, rules."""

import asyncio
import base64
import binascii
import json
import os
import pwd
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.commands.parser import parse
from bot.domain.errors import ConfigError, InputError
from bot.domain.phrases import join_names
from bot.programs.check_result import CheckResult, failed, hinted, passed, warned
from bot.programs.kernel import registry
from bot.programs.read_only_sources import access_of
from bot.reports.record import Report
from bot.reports.report_service import ReportService, open_reports, read_calendars
from bot.reports.store import ReportRows
from bot.runtime.clock import Clock
from bot.runtime.database.database import SqliteDatabase
from bot.settings.model import Settings, Setup
from bot.settings.password_sinks import HandoverSettings
from bot.settings.report_settings import ReportSetting
from bot.settings.secrets import Reference, describe_reference, resolve_secret, resolve_token
from bot.settings.sections import AnchorSettings
from bot.settings.yaml_source import Location, dotted
from migrations.custom_rules import load_rules, shipped_rules
from migrations.evidence_files import load_evidence

SOON = timedelta(days=14)
"""A token that expires within this time is reported."""

KINDS = {
    "xoxb-": "a bot token",
    "xoxp-": "a user token",
    "xapp-": "an app-level token",
    "xoxe": "a rotated token",
}


@dataclass(frozen=True, slots=True)
class _Secret:
    at: Location
    reference: Reference
    is_token: bool = True
    begins: str = ""


def _secrets(settings: Settings) -> Iterator[_Secret]:
    """Yield the references that `serve` resolves with these settings."""
    slack = settings.slack
    yield _Secret(("slack", "bot_token"), slack.bot_token, begins="xoxb-")
    if slack.mode == "http":
        yield _Secret(("slack", "signing_secret"), slack.signing_secret)
    else:
        yield _Secret(("slack", "app_token"), slack.app_token, begins="xapp-")
    for n, contract in enumerate(settings.ionos.contracts):
        for key in ("token", "username", "password"):
            if (reference := getattr(contract, key)) is not None:
                yield _Secret(("ionos", "contracts", n, key), reference, is_token=key == "token")
    for n, entry in enumerate(settings.clusters):
        if entry.credentials is not None:
            at = ("clusters", n, "credentials", "password")
            yield _Secret(at, entry.credentials.password, is_token=False)
    if settings.audit.key is not None:
        yield _Secret(("audit", "key"), settings.audit.key, is_token=False)


async def check_secrets(settings: Settings, now: datetime) -> list[CheckResult]:
    """Resolve every reference to a secret, and look at the kind and the end of tokens."""
    found = await asyncio.gather(*(_check_secret(each, now) for each in _secrets(settings)))
    return [each for some in found for each in some]


async def keep_reachable_contracts(settings: Settings) -> Settings:
    """Return settings with the contracts whose secrets are there, which the others do not hide; with all if
    there are none: the log needs no contract."""
    contracts = settings.ionos.contracts
    found = await asyncio.gather(*(access_of(each) for each in contracts), return_exceptions=True)
    pairs = zip(contracts, found, strict=True)
    reachable = tuple(each for each, access in pairs if not isinstance(access, ConfigError)) or contracts
    return settings.model_copy(update={"ionos": settings.ionos.model_copy(update={"contracts": reachable})})


async def _check_secret(secret: _Secret, now: datetime) -> list[CheckResult]:
    name = f"secrets: {dotted(secret.at)}"
    try:
        resolve = resolve_token if secret.is_token else resolve_secret
        value = (await resolve(secret.reference)).get_secret_value()
    except ConfigError as error:
        return [failed(f"{name}: {error.sentence}", error.next_step, secret.at)]
    kind = next((words for start, words in KINDS.items() if value.startswith(start)), "")
    if kind and not value.startswith(secret.begins or "\0"):
        wanted = KINDS.get(secret.begins, "another secret")
        return [failed(f"{name} is {kind}", f"Use {wanted} instead{_where_from(secret.begins)}.", secret.at)]
    there = passed(f"{name} is set ({describe_reference(secret.reference)})", secret.at)
    is_jwt = secret.at[0] == "ionos" and secret.is_token
    return [there, _check_end(name, value, now, secret.at)] if is_jwt else [there]


def _where_from(begins: str) -> str:
    page = {"xoxb-": "OAuth & Permissions", "xapp-": "Basic Information"}.get(begins)
    return f" ({begins}…, page {page} of the Slack app)" if page else ""


def _check_end(name: str, token: str, now: datetime, at: Location) -> CheckResult:
    """Report when a token of IONOS expires: it is a JSON Web Token (IONOS Cloud Auth API)."""
    end = read_expiry(token)
    if end is None:
        return hinted(f"{name} does not say when it expires", "Note when you have to renew it.", at)
    if end <= now:
        return failed(f"{name} expired on {end:%Y-%m-%d %H:%M} UTC", "Create a new token in the DCD.", at)
    if end - now < SOON:
        return warned(f"{name} expires on {end:%Y-%m-%d %H:%M} UTC", "Create a new token in the DCD.", at)
    return passed(f"{name} expires on {end:%Y-%m-%d}", at)


def read_expiry(token: str) -> datetime | None:
    """Return the end of a JSON Web Token in UTC; None where it does not say. Its signature is not checked."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        return None


def check_empty_keys(setup: Setup) -> Iterator[CheckResult]:
    """Report keys without a value, such as one before `#ops`, which is a comment."""
    for location in setup.document.empty:
        yield warned(
            f"{dotted(location)} has no value, so it is not set",
            "Add a value, or remove the key. A # starts a comment: put text with # in quotes.",
            location,
        )


def check_machine(settings: Settings) -> Iterator[CheckResult]:
    """Look for the programs, folders, variables and users that the settings name. Runs and writes nothing."""
    anchors, handover = settings.audit.anchors, settings.handover
    yield from _check_sink(("audit", "anchors"), anchors)
    if anchors.read is not None:
        yield _check_program(("audit", "anchors", "read"), anchors.read)
    if anchors.file is not None:
        yield _check_file(("audit", "anchors", "file"), Path(anchors.file))
    if handover is not None:
        yield from _check_sink(("handover",), handover)
        if handover.file is not None:
            yield _check_folder(("handover", "file"), Path(handover.file))
    yield from _check_listening(settings)


def _check_listening(settings: Settings) -> Iterator[CheckResult]:
    """Look at the address and the socket that `serve` listens on, and at the users whom it knows there."""
    host, terminal = settings.http.host, settings.terminal
    try:
        with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass  # any port: serve may have its own by now
    except OSError:
        words = f"http.host: this machine can't listen on {host}"
        yield failed(words, "Use 127.0.0.1, 0.0.0.0 or an address of its own.", ("http", "host"))
    if terminal.socket is not None:
        yield _check_folder(("terminal", "socket"), Path(terminal.socket).parent)
    for user in terminal.people:
        if not _is_user(user):
            yield warned(
                f"terminal.people: this machine has no user {user}",
                "Correct the name, or write uid: and the number in quotes.",
                ("terminal", "people", user),
            )


def _check_sink(at: Location, sink: AnchorSettings | HandoverSettings) -> Iterator[CheckResult]:
    if sink.command is not None:
        yield _check_program((*at, "command"), sink.command)
    for n, name in enumerate(sink.env):
        if name not in os.environ:
            yield warned(
                f"{dotted(at)}.env: the variable {name} is not set, so the program will not get it",
                f"Set {name} in the bot's environment, or remove it here.",
                (*at, "env", n),
            )


def _is_user(name: str) -> bool:
    if name.startswith("uid:"):  # also of a user without an account, as in containers
        return name.removeprefix("uid:").isdecimal()
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _check_program(at: Location, command: tuple[str, ...]) -> CheckResult:
    if not command or shutil.which(command[0]) is None:
        return failed(
            f"{dotted(at)}: the program {command[0] if command else '(empty)'} can't be found or run",
            "Give the full path, and allow the bot's user to run it.",
            at,
        )
    return passed(f"{dotted(at)}: the program {command[0]} is executable (not run)", at)


def _check_folder(at: Location, folder: Path) -> CheckResult:
    what = f"{dotted(at)}: the folder {folder}"
    if not folder.is_dir():
        return failed(f"{what} does not exist", "Create it, or correct the path.", at)
    if not os.access(folder, os.W_OK | os.X_OK):
        return failed(f"{what} is not writable", "Allow the bot's user to write there.", at)
    return passed(f"{what} is writable", at)


def _check_file(at: Location, file: Path) -> CheckResult:
    what = f"{dotted(at)}: the file {file}"
    if not file.exists():
        return _check_folder(at, file.parent)
    if not file.is_file() or not os.access(file, os.R_OK | os.W_OK):
        return failed(f"{what} is not writable", "Choose another file.", at)
    return passed(f"{what} is writable", at)


async def check_reports(setup: Setup, clock: Clock) -> tuple[Settings, list[CheckResult]]:
    """Read each calendar and each report by itself, so that one that is wrong hides none of the others.

    Return the settings with those that can be used, and the results.
    """
    settings, found, bad = setup.settings, list[CheckResult](), set[str]()
    for name in settings.holidays:
        result = await asyncio.to_thread(_check_calendar, settings, name, clock.now())
        found.append(result)
        bad |= set() if result.ok else {name}
    calendars = {name: given for name, given in settings.holidays.items() if name not in bad}
    usable = settings.model_copy(update={"holidays": calendars, "reports": ()})
    rows = ReportRows(SqliteDatabase(setup.database))  # never opened: reports of app.yaml are not in it
    service = await open_reports(usable, partial(parse, registry=registry()), rows, clock)
    reports = []
    for n, each in enumerate(settings.reports):
        if each.holidays in {None, *calendars}:  # else it is said of the calendar
            results = list(_check_report(each, ("reports", n), service))
            found += results
            reports += [each] if results[0].ok else []
    return usable.model_copy(update={"reports": tuple(reports)}), found


def _check_calendar(settings: Settings, name: str, now: datetime) -> CheckResult:
    given, at = settings.holidays[name], ("holidays", name)
    try:
        read_calendars({name: given}, now)
    except ConfigError as error:
        return failed(error.sentence, error.next_step, at)
    if not isinstance(given, str) and max(given) < now.date():
        return warned(f"holidays: every day of {name} is in the past", "Add future days.", at)
    return passed(f"holidays: {name} is readable", at)


def _check_report(report: ReportSetting, at: Location, service: ReportService) -> Iterator[CheckResult]:
    name = f"report {report.name}"
    try:
        service.check_setting(report, from_file=True)
    except InputError as error:
        yield failed(f"{name}: {error.sentence}", error.next_step, (*at, "command"))
        return
    next_run = service.describe_next_times(Report(setting=report))
    yield passed(f"{name}: “{report.command}”, next run {next_run}", at)
    if report.sections:
        words = f"{name}: whether it has the sections {join_names(report.sections)} shows only when it runs"
        yield hinted(words, f"To check, run “/pg report preview {report.name}”.", (*at, "sections"))


def check_migration(settings: Settings, now: datetime) -> Iterator[CheckResult]:
    """Look at rules, waivers, evidence and the deadline. Reads files, so not for the event loop."""
    rules, at = shipped_rules(), ("migration", "rules")
    try:
        rules = load_rules(settings.migration.rules)
        if settings.migration.rules:
            own = len(rules) - len(shipped_rules())
            yield passed(f"migration.rules: {own} rule{'s' * (own != 1)} of your own", at)
    except ConfigError as error:
        yield failed(f"migration.rules: {error.sentence}", error.next_step, at)
    yield from _check_waivers(settings, {rule.id for rule in rules}, now)
    deadline = settings.migration.deadline
    if deadline is not None and deadline < now.date():
        words = f"migration.deadline: {deadline} is in the past"
        yield warned(words, "Correct the day, or remove it.", ("migration", "deadline"))
    yield from _check_evidence(settings, now)


def _check_waivers(settings: Settings, known: set[str], now: datetime) -> Iterator[CheckResult]:
    for n, each in enumerate(settings.waivers):
        if each.rule.upper() not in known:
            yield failed(
                f"waivers: the rule {each.rule} does not exist",
                "Correct it. “/pg migration rules” lists the rules.",
                ("waivers", n, "rule"),
            )
        if each.ends <= now:
            yield warned(
                f"waivers: the waiver of {each.rule} for {each.cluster} expired on {each.until}",
                "Remove it, or set a later day.",
                ("waivers", n, "until"),
            )


def _check_evidence(settings: Settings, now: datetime) -> Iterator[CheckResult]:
    for n, source in enumerate(settings.migration.evidence):
        at, files = ("migration", "evidence", n), load_evidence([source])
        for gap in files.gaps:
            words = f"migration.evidence: {gap.where}: {gap.why}"
            yield failed(words, "Correct the path, or replace the file.", at)
        documents = [*(each.source for each in files.scans), *(each.source for each in files.prechecks)]
        for document in documents:
            if why := document.why_outdated(now):
                yield warned(
                    f"migration.evidence: {document.file} is not used: {why}", "Create a new one.", at
                )
        if not files.gaps:
            words = f"migration.evidence: {source}: {len(documents)} document{'s' * (len(documents) != 1)}"
            yield passed(words, at)
