"""Mistakes in an app.yaml that is valid: rules that never decide, permissions that let nobody in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.access.policy import EVERYONE
from bot.commands.declaration import Registry
from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import host_region
from bot.domain.name_match import matches_any, matches_name, same_name
from bot.domain.quorum import missing_approvals
from bot.ionos.credentials import REGIONS
from bot.programs.check_result import CheckLevel
from bot.settings.model import OWNER, ApprovalRule, ApprovalTerms, ClusterMatch, Grant, Selector, Settings
from bot.settings.yaml_source import Location, dotted

_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")

_WEEK = [datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=30 * step) for step in range(7 * 48)]
"""Every half hour of a week, by which freezes repeat."""


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """One mistake, what to do about it, and the setting that it is about."""

    what: str
    advice: str
    at: Location = ()
    level: CheckLevel = CheckLevel.ERROR


def lint(settings: Settings, registry: Registry) -> list[SettingsProblem]:
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
    """Yield every setting that names a channel."""
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
    """Return whether this is the Slack id of a person."""
    return _PERSON.fullmatch(name) is not None


def is_channel(name: str) -> bool:
    """Return whether this is the Slack id of a channel."""
    return _CHANNEL.fullmatch(name) is not None


# Rules that never decide


def _idle_rules(settings: Settings, registry: Registry) -> Iterator[SettingsProblem]:
    changes = [each.name for each in registry if each.change is not None]
    rules = settings.approvals.rules
    for number, rule in enumerate(rules, start=1):
        meant = {name for name in changes if _fits(name, rule.changes)}
        if not meant:
            yield SettingsProblem(
                f"approval rule {number}: no change is called {', '.join(rule.changes)}",
                "Correct changes. “pgbot run help” lists the commands.",
                ("approvals", "rules", number - 1, "changes"),
            )
            continue
        first = rules[: number - 1]
        before = [n for n, each in enumerate(first, start=1) if _wider(each.clusters, rule.clusters)]
        taken = {name for n in before for name in meant if _fits(name, rules[n - 1].changes)}
        if meant <= taken:
            why = " and ".join(str(n) for n in before if _shares(rules[n - 1], meant))
            yield SettingsProblem(
                f"approval rule {number} never applies: rule {why} already covers everything it matches",
                "The first matching rule applies. Move this rule up, or remove it.",
                ("approvals", "rules", number - 1),
            )


def _shares(rule: ApprovalRule, meant: set[str]) -> bool:
    return any(_fits(name, rule.changes) for name in meant)


def _empty_grants(settings: Settings, registry: Registry) -> Iterator[SettingsProblem]:
    """Report patterns that match no command and roles without members: nobody would notice them."""
    names = [each.name for each in registry]
    for number, grant in enumerate(settings.permissions, start=1):
        at: Location = ("permissions", number - 1)
        for n, pattern in enumerate(grant.allow):
            if not any(matches_name(name, pattern) for name in names):
                yield SettingsProblem(
                    f"permission {number}: no command is called {pattern}",
                    "Correct allow. “pgbot run help” lists the commands.",
                    (*at, "allow", n),
                )
        for n, role in enumerate(grant.to):
            if role != EVERYONE and not settings.people[role]:
                yield SettingsProblem(
                    f"permission {number}: the role {role} has no people",
                    "Add people to it, or remove the role.",
                    (*at, "to", n),
                )


def _idle_grants(settings: Settings, registry: Registry) -> Iterator[SettingsProblem]:
    names = [each.name for each in registry if not each.open_to_all]
    grants = settings.permissions
    for number, grant in enumerate(grants, start=1):
        others = [(n, each) for n, each in enumerate(grants, start=1) if n != number]
        for n, other in others:
            if _within(grant, other, names) and not (n > number and _within(other, grant, names)):
                yield SettingsProblem(
                    f"permission {number} has no effect: permission {n} already allows all of it",
                    "Remove it.",
                    ("permissions", number - 1),
                )
                break


def _within(grant: Grant, other: Grant, names: Sequence[str]) -> bool:
    """Return whether the other grant allows everything that this one does."""
    to = EVERYONE in other.to or set(grant.to) <= set(other.to)
    meant = {name for name in names if _fits(name, grant.allow)}
    allows = bool(meant) and all(_fits(name, other.allow) for name in meant)
    where = other.channels is None or set(grant.channels or ()) <= set(other.channels) != set()
    anywhere = other.channels is None or grant.channels is not None
    return to and allows and where and anywhere and _wider(other.clusters, grant.clusters)


def _wider(wide: tuple[Selector, ...] | None, narrow: tuple[Selector, ...] | None) -> bool:
    """Return whether `wide` certainly covers each cluster that `narrow` covers."""
    if wide is None:
        return True
    return narrow is not None and all(any(_includes(one, each) for one in wide) for each in narrow)


def _includes(wide: Selector, narrow: Selector) -> bool:
    asked = wide.model_dump(exclude_none=True)
    given = narrow.model_dump(exclude_none=True)
    return all(
        same_name(given.get(key, ""), value)
        or (
            key == "name"
            and "name" in given
            and "*" not in given["name"]
            and matches_name(given["name"], value)
        )
        or (key == "name" and value == "*")
        for key, value in asked.items()
    )


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return matches_any(name, patterns)


# Doors that nobody opens


def _locked_out(settings: Settings) -> Iterator[SettingsProblem]:
    if settings.people and not settings.permissions:
        yield SettingsProblem("everyone may run only help and whoami", "Add permissions.", ("people",))
    for n, (name, terms) in enumerate(settings.approval_terms):
        is_rule = n < len(settings.approvals.rules)
        at: Location = ("approvals", "rules", n) if is_rule else ("approvals", "default")
        if terms.kind is RequirementKind.APPROVAL:
            yield from (replace(each, at=at) for each in _too_few(name, terms, settings))
        if terms.freeze and all(any(each.covers(hour) for each in terms.freeze) for hour in _WEEK):
            yield SettingsProblem(
                f"{name}: its change freezes cover the whole week",
                "Shorten one of them, or nothing will ever run.",
                (*at, "freeze"),
            )
        yield from (
            SettingsProblem(
                f"{name}: the break-glass role {role} has no people",
                "Add people to the role.",
                (*at, "break_glass"),
            )
            for role in terms.break_glass
            if role != OWNER and not settings.people[role]
        )


def _too_few(name: str, terms: ApprovalTerms, settings: Settings) -> Iterator[SettingsProblem]:
    """Report roles with too few people. A user group or an owner may be anybody, so they count as enough."""
    if OWNER in terms.roles and not any(each.owner for each in settings.clusters):
        yield SettingsProblem(f"{name}: it needs the owner, but no cluster has one", "Add owner to clusters.")
        return
    fixed = {role: count for role, count in terms.roles.items() if _is_fixed(role, settings)}
    people = _people(fixed, settings)
    if missing := missing_approvals(fixed, people.values()):
        yield SettingsProblem(
            f"{name} can never be met: too few people in {', '.join(missing)}",
            "Add people to the role, or require fewer approvals.",
        )
    elif not terms.own_vote:
        stuck = [each for each in people if _stuck_without(each, fixed, people)]
        if stuck:
            yield SettingsProblem(
                f"{name}: no one can approve requests from {', '.join(stuck)}",
                "Add another person to the role. People can’t approve their own requests.",
            )


def _stuck_without(person: str, roles: dict[str, int], people: dict[str, set[str]]) -> bool:
    return bool(missing_approvals(roles, [held for each, held in people.items() if each != person]))


def _is_fixed(role: str, settings: Settings) -> bool:
    return role != OWNER and not any(_GROUP.fullmatch(each) for each in settings.people[role])


def _people(roles: dict[str, int], settings: Settings) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for role in roles:
        for member in settings.people[role]:
            found.setdefault(member, set()).add(role)
    return found


# Ids


def _members(settings: Settings) -> Iterator[tuple[Location, str]]:
    for role, members in settings.people.items():
        yield from ((("people", role, n), member) for n, member in enumerate(members))
    yield from ((("terminal", "people", user), member) for user, member in settings.terminal.people.items())
    yield from ((("people_keys", member), member) for member in settings.people_keys)


def _odd_ids(settings: Settings) -> Iterator[SettingsProblem]:
    for at, member in _members(settings):
        may_be_group = at[0] == "people"
        if not _PERSON.fullmatch(member) and not (may_be_group and _GROUP.fullmatch(member)):
            names = {"people": f"people: {at[1]}", "terminal": f"terminal.people: {at[-1]}"}
            where = names.get(str(at[0]), "people_keys")
            what = "person or user group" if may_be_group else "person"
            yield SettingsProblem(
                f"{where}: {member} is not a Slack id of a {what}",
                "Use the id. A person's starts with U or W, a group's with S. /pg whoami shows yours.",
                at,
            )
    for n, entry in enumerate(settings.clusters):
        if entry.owner and not _is_owner(entry.owner, settings):
            yield SettingsProblem(
                f"clusters: the owner {entry.owner} is neither a role nor a Slack id",
                "Add a role with this name under people. Until then, the owner gets no requests or notices.",
                ("clusters", n, "owner"),
                CheckLevel.ERROR if settings.approvals.rules else CheckLevel.WARNING,
            )
    for n, waiver in enumerate(settings.waivers):
        if not _is_owner(waiver.owner, settings):
            yield SettingsProblem(
                f"waivers: the owner {waiver.owner} is neither a role nor a Slack id",
                (
                    "Add a role with this name under people. Until then, the owner gets no notice when the "
                    "waiver expires."
                ),
                ("waivers", n, "owner"),
                CheckLevel.WARNING,
            )


def _is_owner(owner: str, settings: Settings) -> bool:
    name = bare_owner(owner)
    return bool(name in settings.people or _PERSON.fullmatch(name) or _GROUP.fullmatch(name))


def _odd_channels(settings: Settings) -> Iterator[SettingsProblem]:
    for use in named_channels(settings):
        if not is_channel(use.channel):
            yield SettingsProblem(
                f"{dotted(use.at)}: {use.channel} is not a Slack id of a channel",
                "Use the id, such as C0123456789. Slack shows it at the end of the channel's details.",
                use.at,
            )


def _odd_selectors(settings: Settings) -> Iterator[SettingsProblem]:
    """Report selectors of what does not exist: a rule that never covers looks like one that does."""
    contracts = {each.name for each in settings.ionos.contracts}
    owners = [bare_owner(each.owner) for each in settings.clusters if each.owner]
    tiers = [each.tier for each in settings.clusters if each.tier]
    for at, match in named_clusters(settings):
        where = name_selector(at)
        # Without any here, they come from the environment.
        if match.contract and contracts and match.contract not in contracts:
            yield SettingsProblem(
                f"{where}: the contract {match.contract} does not exist",
                "Spell it exactly as in ionos.contracts, including capital letters.",
                (*at, "contract"),
            )
        if match.region and host_region(match.region) not in REGIONS:
            yield SettingsProblem(
                f"{where}: this release does not know the region {match.region}",
                f"Known regions: {', '.join(REGIONS)}.",
                (*at, "region"),
                CheckLevel.WARNING,
            )
        if not isinstance(match, Selector):
            continue
        if match.owner and not any(same_name(bare_owner(match.owner), each) for each in owners):
            yield SettingsProblem(
                f"{where}: no entry of clusters gives the owner {match.owner}",
                "Add it to an entry of clusters. Until then, this matches no cluster.",
                (*at, "owner"),
            )
        if match.tier and not any(same_name(match.tier, each) for each in tiers):
            yield SettingsProblem(
                f"{where}: no entry of clusters gives the tier {match.tier}",
                "Add it to an entry of clusters. Until then, this matches no cluster.",
                (*at, "tier"),
            )


def name_selector(at: Location) -> str:
    """Return the entry that a selector belongs to, by the name that people see."""
    numbers = [part for part in at if isinstance(part, int)]
    kinds = {"approvals": "approval rule", "permissions": "permission"}
    return f"{kinds[str(at[0])]} {numbers[0] + 1}" if at[0] in kinds else str(at[0])


def _odd_places(settings: Settings) -> Iterator[SettingsProblem]:
    """Report ids of workspaces and apps, references and calendars that lead nowhere."""
    slack = settings.slack
    for team in (slack.team, *sorted(slack.workspaces)):
        if team and not re.fullmatch("[TE][A-Z0-9]{2,}", team):
            yield SettingsProblem(
                f"slack: {team} is not a Slack id of a workspace",
                "Use the id, which starts with T. It is in the address of Slack in a browser.",
                ("slack", "team" if team == slack.team else "workspaces"),
            )
    if slack.app and not re.fullmatch("A[A-Z0-9]{2,}", slack.app):
        yield SettingsProblem(
            f"slack.app: {slack.app} is not a Slack id of an app",
            "Use the App ID on the page Basic Information. It starts with A.",
            ("slack", "app"),
        )
    for n, pattern in enumerate(settings.password_references):
        if not pattern.startswith(("env:", "file:/")):
            yield SettingsProblem(
                f"password_references: {pattern} allows nothing",
                "Start it with env: or file:/, for example “env:NEW_*”.",
                ("password_references", n),
            )
    for n, report in enumerate(settings.reports):
        if report.holidays and report.holidays not in settings.holidays:
            yield SettingsProblem(
                f"report {report.name}: the calendar {report.holidays} does not exist",
                f"Calendars under holidays: {', '.join(sorted(settings.holidays)) or 'none'}.",
                ("reports", n, "holidays"),
            )


def _ignored_keys(settings: Settings) -> Iterator[SettingsProblem]:
    """Yield keys that earlier releases accepted and never read: a file that has them still starts."""
    for name, terms in settings.approval_terms:
        if "rule" in terms.model_fields_set:
            yield SettingsProblem(
                f"{name}: rule has no effect", "Remove it. pgbot identifies a rule by its number."
            )
    for n, report in enumerate(settings.reports):
        if report.hours and "zone" in report.hours.model_fields_set:
            yield SettingsProblem(
                f"report {report.name}: hours.zone has no effect",
                "Remove it. Hours use the time zone of the report.",
                ("reports", n, "hours", "zone"),
            )
