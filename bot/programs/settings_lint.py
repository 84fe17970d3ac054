"""Mistakes in an app.yaml that is valid: rules that never decide, permissions that let nobody in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.access.policy import EVERYONE
from bot.commands.declaration import Registry
from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import host_region
from bot.domain.name_match import matches_any, matches_name, same_name
from bot.domain.quorum import missing_approvals
from bot.ionos.credentials import REGIONS
from bot.programs.check_result import CheckResult, failed, warned
from bot.settings.model import OWNER, ApprovalTerms, ClusterMatch, Grant, Selector, Settings
from bot.settings.yaml_source import Location, dotted

_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")

_WEEK = [datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=30 * step) for step in range(7 * 48)]
"""Every half hour of a week, by which freezes repeat."""


def lint(settings: Settings, registry: Registry) -> list[CheckResult]:
    """Return every mistake that can be found without asking Slack."""
    return [
        *_idle_rules(settings, registry),
        *_empty_grants(settings, registry),
        *_idle_grants(settings, registry),
        *_locked_out(settings),
        *_odd_ids(settings),
        *_odd_channels(settings),
        *_odd_selectors(settings),
        *_odd_places(settings),
        *_ignored_keys(settings),
    ]


# Names that lead somewhere


def named_people(settings: Settings) -> dict[str, list[Location]]:
    """Return every Slack id of a person or user group, with the settings that name it."""
    owners: list[tuple[Location, str]] = [
        *((("clusters", n, "owner"), bare_owner(each.owner)) for n, each in enumerate(settings.clusters)),
        *((("reports", n, "owner"), each.owner) for n, each in enumerate(settings.reports)),
        *((("waivers", n, "owner"), bare_owner(each.owner)) for n, each in enumerate(settings.waivers)),
    ]
    found: dict[str, list[Location]] = {}
    for at, member in (*_members(settings), *owners):
        if _PERSON.fullmatch(member) or _GROUP.fullmatch(member):
            found.setdefault(member, []).append(at)
    return found


@dataclass(frozen=True, slots=True)
class ChannelUse:
    """A setting that names a channel; the bot posts to it, or only takes commands there."""

    at: Location
    channel: str
    posts: bool = True


def named_channels(settings: Settings) -> Iterator[ChannelUse]:
    single: dict[Location, str | None] = {
        ("approvals", "channel"): settings.approvals.channel,
        ("audit", "anchors", "channel"): settings.audit.anchors.channel,
        **{("clusters", n, "channel"): each.channel for n, each in enumerate(settings.clusters)},
        **{("reports", n, "channel"): each.channel for n, each in enumerate(settings.reports)},
    }
    yield from (ChannelUse(at, channel) for at, channel in single.items() if channel)
    for n, grant in enumerate(settings.permissions):
        for m, channel in enumerate(grant.channels or ()):
            yield ChannelUse(("permissions", n, "channels", m), channel, posts=False)


def named_clusters(settings: Settings) -> Iterator[tuple[Location, ClusterMatch]]:
    """Yield every selector of clusters, with the setting that it is."""
    yield from ((("clusters", n, "match"), each.match) for n, each in enumerate(settings.clusters))
    for n, grant in enumerate(settings.permissions):
        yield from ((("permissions", n, "clusters", m), each) for m, each in enumerate(grant.clusters or ()))
    for n, rule in enumerate(settings.approvals.rules):
        at = ("approvals", "rules", n, "clusters")
        yield from (((*at, m), each) for m, each in enumerate(rule.clusters or ()))


def bare_owner(owner: str | None) -> str:
    """Return an owner without the @ that may stand before it."""
    return (owner or "").removeprefix("@")


def is_person(name: str) -> bool:
    return _PERSON.fullmatch(name) is not None


def is_channel(name: str) -> bool:
    return _CHANNEL.fullmatch(name) is not None


# Rules that never decide


def _idle_rules(settings: Settings, registry: Registry) -> Iterator[CheckResult]:
    changes = [each.name for each in registry if each.change is not None]
    rules = settings.approvals.rules
    for n, rule in enumerate(rules):
        at: Location = ("approvals", "rules", n)
        meant = {name for name in changes if matches_any(name, rule.changes)}
        if not meant:
            yield failed(
                f"approval rule {n + 1}: no change is called {', '.join(rule.changes)}",
                "Correct changes. “pgbot run help” lists the commands.",
                (*at, "changes"),
            )
            continue
        before = [m for m in range(n) if _wider(rules[m].clusters, rule.clusters)]
        taken = {m: {name for name in meant if matches_any(name, rules[m].changes)} for m in before}
        if meant <= set[str]().union(*taken.values()):
            why = " and ".join(str(m + 1) for m, names in taken.items() if names)
            yield failed(
                f"approval rule {n + 1} never applies: rule {why} already covers everything it matches",
                "The first matching rule applies. Move this rule up, or remove it.",
                at,
            )


def _empty_grants(settings: Settings, registry: Registry) -> Iterator[CheckResult]:
    """Report patterns that match no command and roles without members: nobody would notice them."""
    names = [each.name for each in registry]
    for n, grant in enumerate(settings.permissions):
        for m, pattern in enumerate(grant.allow):
            if not any(matches_name(name, pattern) for name in names):
                yield failed(
                    f"permission {n + 1}: no command is called {pattern}",
                    "Correct allow. “pgbot run help” lists the commands.",
                    ("permissions", n, "allow", m),
                )
        for m, role in enumerate(grant.to):
            if role != EVERYONE and not settings.people[role]:
                yield failed(
                    f"permission {n + 1}: the role {role} has no people",
                    "Add people to it, or remove the role.",
                    ("permissions", n, "to", m),
                )


def _idle_grants(settings: Settings, registry: Registry) -> Iterator[CheckResult]:
    names = [each.name for each in registry if not each.open_to_all]
    grants = settings.permissions
    for n, grant in enumerate(grants):
        for m, other in enumerate(grants):
            if m != n and _within(grant, other, names) and not (m > n and _within(other, grant, names)):
                yield failed(
                    f"permission {n + 1} has no effect: permission {m + 1} already allows all of it",
                    "Remove it.",
                    ("permissions", n),
                )
                break


def _within(grant: Grant, other: Grant, names: Sequence[str]) -> bool:
    """Return whether the other grant allows everything that this one does."""
    to = EVERYONE in other.to or set(grant.to) <= set(other.to)
    meant = {name for name in names if matches_any(name, grant.allow)}
    allows = bool(meant) and all(matches_any(name, other.allow) for name in meant)
    where = other.channels is None or set(grant.channels or ()) <= set(other.channels) != set()
    anywhere = other.channels is None or grant.channels is not None
    return to and allows and where and anywhere and _wider(other.clusters, grant.clusters)


def _wider(wide: tuple[Selector, ...] | None, narrow: tuple[Selector, ...] | None) -> bool:
    """Return whether `wide` certainly covers each cluster that `narrow` covers."""
    if wide is None:
        return True
    return narrow is not None and all(any(_includes(one, each) for one in wide) for each in narrow)


def _includes(wide: Selector, narrow: Selector) -> bool:
    given, name = narrow.model_dump(exclude_none=True), narrow.name
    return all(
        same_name(given.get(key, ""), value)
        or (key == "name" and value == "*")
        or (key == "name" and name is not None and "*" not in name and matches_name(name, value))
        for key, value in wide.model_dump(exclude_none=True).items()
    )


# Doors that nobody opens


def _locked_out(settings: Settings) -> Iterator[CheckResult]:
    if settings.people and not settings.permissions:
        yield failed("everyone may run only help and whoami", "Add permissions.", ("people",))
    for n, (name, terms) in enumerate(settings.approval_terms):
        is_rule = n < len(settings.approvals.rules)
        at: Location = ("approvals", "rules", n) if is_rule else ("approvals", "default")
        if terms.kind is RequirementKind.APPROVAL:
            yield from _too_few(name, at, terms, settings)
        if terms.freeze and all(any(each.covers(hour) for each in terms.freeze) for hour in _WEEK):
            yield failed(
                f"{name}: its change freezes cover the whole week",
                "Shorten one of them, or nothing will ever run.",
                (*at, "freeze"),
            )
        for role in terms.break_glass:
            if role != OWNER and not settings.people[role]:
                words = f"{name}: the break-glass role {role} has no people"
                yield failed(words, "Add people to the role.", (*at, "break_glass"))


def _too_few(name: str, at: Location, terms: ApprovalTerms, settings: Settings) -> Iterator[CheckResult]:
    """Report roles with too few people. A user group or an owner may be anybody, so they count as enough."""
    if OWNER in terms.roles and not any(each.owner for each in settings.clusters):
        yield failed(f"{name}: it needs the owner, but no cluster has one", "Add owner to clusters.", at)
        return
    fixed = {
        role: count
        for role, count in terms.roles.items()
        if role != OWNER and not any(_GROUP.fullmatch(each) for each in settings.people[role])
    }
    people: dict[str, set[str]] = {}
    for role in fixed:
        for member in settings.people[role]:
            people.setdefault(member, set()).add(role)
    if missing := missing_approvals(fixed, people.values()):
        yield failed(
            f"{name} can never be met: too few people in {', '.join(missing)}",
            "Add people to the role, or require fewer approvals.",
            at,
        )
    elif not terms.own_vote:
        stuck = [
            person
            for person in people
            if missing_approvals(fixed, [held for each, held in people.items() if each != person])
        ]
        if stuck:
            yield failed(
                f"{name}: no one can approve requests from {', '.join(stuck)}",
                "Add another person to the role. People can’t approve their own requests.",
                at,
            )


# Ids


def _members(settings: Settings) -> Iterator[tuple[Location, str]]:
    for role, members in settings.people.items():
        yield from ((("people", role, n), member) for n, member in enumerate(members))
    yield from ((("terminal", "people", user), member) for user, member in settings.terminal.people.items())
    yield from ((("people_keys", member), member) for member in settings.people_keys)


def _odd_ids(settings: Settings) -> Iterator[CheckResult]:
    for at, member in _members(settings):
        may_be_group = at[0] == "people"
        if not _PERSON.fullmatch(member) and not (may_be_group and _GROUP.fullmatch(member)):
            names = {"people": f"people: {at[1]}", "terminal": f"terminal.people: {at[-1]}"}
            where = names.get(str(at[0]), "people_keys")
            what = "person or user group" if may_be_group else "person"
            yield failed(
                f"{where}: {member} is not a Slack id of a {what}",
                "Use the id. A person's starts with U or W, a group's with S. /pg whoami shows yours.",
                at,
            )
    for n, entry in enumerate(settings.clusters):
        if entry.owner and not _is_owner(entry.owner, settings):
            yield (failed if settings.approvals.rules else warned)(
                f"clusters: the owner {entry.owner} is neither a role nor a Slack id",
                "Add a role with this name under people. Until then, the owner gets no requests or notices.",
                ("clusters", n, "owner"),
            )
    for n, waiver in enumerate(settings.waivers):
        if not _is_owner(waiver.owner, settings):
            yield warned(
                f"waivers: the owner {waiver.owner} is neither a role nor a Slack id",
                "Add a role with this name under people. Until then, the owner gets no notice when the "
                "waiver expires.",
                ("waivers", n, "owner"),
            )


def _is_owner(owner: str, settings: Settings) -> bool:
    name = bare_owner(owner)
    return bool(name in settings.people or _PERSON.fullmatch(name) or _GROUP.fullmatch(name))


def _odd_channels(settings: Settings) -> Iterator[CheckResult]:
    for use in named_channels(settings):
        if not is_channel(use.channel):
            yield failed(
                f"{dotted(use.at)}: {use.channel} is not a Slack id of a channel",
                "Use the id, such as C0123456789. Slack shows it at the end of the channel's details.",
                use.at,
            )


def _odd_selectors(settings: Settings) -> Iterator[CheckResult]:
    """Report selectors of what does not exist: a rule that never covers looks like one that does."""
    contracts = {each.name for each in settings.ionos.contracts}
    owners = [bare_owner(each.owner) for each in settings.clusters if each.owner]
    tiers = [each.tier for each in settings.clusters if each.tier]
    for at, match in named_clusters(settings):
        where = name_selector(at)
        # Without any here, they come from the environment.
        if match.contract and contracts and match.contract not in contracts:
            yield failed(
                f"{where}: the contract {match.contract} does not exist",
                "Spell it exactly as in ionos.contracts, including capital letters.",
                (*at, "contract"),
            )
        if match.region and host_region(match.region) not in REGIONS:
            yield warned(
                f"{where}: this release does not know the region {match.region}",
                f"Known regions: {', '.join(REGIONS)}.",
                (*at, "region"),
            )
        if not isinstance(match, Selector):
            continue
        for key, value, name, names in (
            ("owner", match.owner, bare_owner(match.owner), owners),
            ("tier", match.tier, match.tier or "", tiers),
        ):
            if value and not any(same_name(name, each) for each in names):
                yield failed(
                    f"{where}: no entry of clusters gives the {key} {value}",
                    "Add it to an entry of clusters. Until then, this matches no cluster.",
                    (*at, key),
                )


def name_selector(at: Location) -> str:
    """Return the entry that a selector belongs to, by the name that people see."""
    numbers = [part for part in at if isinstance(part, int)]
    kinds = {"approvals": "approval rule", "permissions": "permission"}
    return f"{kinds[str(at[0])]} {numbers[0] + 1}" if at[0] in kinds else str(at[0])


def _odd_places(settings: Settings) -> Iterator[CheckResult]:
    """Report ids of workspaces and apps, references and calendars that lead nowhere."""
    slack = settings.slack
    for team in (slack.team, *sorted(slack.workspaces)):
        if team and not re.fullmatch("[TE][A-Z0-9]{2,}", team):
            yield failed(
                f"slack: {team} is not a Slack id of a workspace",
                "Use the id, which starts with T. It is in the address of Slack in a browser.",
                ("slack", "team" if team == slack.team else "workspaces"),
            )
    if slack.app and not re.fullmatch("A[A-Z0-9]{2,}", slack.app):
        yield failed(
            f"slack.app: {slack.app} is not a Slack id of an app",
            "Use the App ID on the page Basic Information. It starts with A.",
            ("slack", "app"),
        )
    for n, pattern in enumerate(settings.password_references):
        if not pattern.startswith(("env:", "file:/")):
            yield failed(
                f"password_references: {pattern} allows nothing",
                "Start it with env: or file:/, for example “env:NEW_*”.",
                ("password_references", n),
            )
    for n, report in enumerate(settings.reports):
        if report.holidays and report.holidays not in settings.holidays:
            yield failed(
                f"report {report.name}: the calendar {report.holidays} does not exist",
                f"Calendars under holidays: {', '.join(sorted(settings.holidays)) or 'none'}.",
                ("reports", n, "holidays"),
            )


def _ignored_keys(settings: Settings) -> Iterator[CheckResult]:
    """Yield keys that earlier releases accepted and never read: a file that has them still starts."""
    for name, terms in settings.approval_terms:
        if "rule" in terms.model_fields_set:
            yield failed(f"{name}: rule has no effect", "Remove it. pgbot identifies a rule by its number.")
    for n, report in enumerate(settings.reports):
        if report.hours and "zone" in report.hours.model_fields_set:
            yield failed(
                f"report {report.name}: hours.zone has no effect",
                "Remove it. Hours use the time zone of the report.",
                ("reports", n, "hours", "zone"),
            )
