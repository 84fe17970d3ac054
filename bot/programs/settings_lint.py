"""Mistakes in an app.yaml that is valid: rules that never decide, permissions that let nobody in."""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.access.policy import EVERYONE
from bot.commands.declaration import Registry
from bot.domain.approval_requirement import RequirementKind
from bot.domain.name_match import matches_any, matches_name, same_name
from bot.domain.quorum import missing_approvals
from bot.settings.model import OWNER, ApprovalRule, ApprovalTerms, ClusterMatch, Grant, Selector, Settings

_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")

_WEEK = [datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=30 * step) for step in range(7 * 48)]
"""Every half hour of a week, by which freezes repeat."""


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """One mistake, and what to do about it."""

    what: str
    advice: str


def lint(settings: Settings, registry: Registry) -> list[SettingsProblem]:
    """Return every mistake that can be found without asking Slack."""
    return [
        *_idle_rules(settings, registry),
        *_idle_grants(settings, registry),
        *_locked_out(settings),
        *_odd_ids(settings),
        *_odd_contracts(settings),
        *_ignored_keys(settings),
    ]


async def unknown_people(
    settings: Settings, there_is: Callable[[str], Awaitable[bool | None]]
) -> list[SettingsProblem]:
    """Return the ids that Slack does not know. `there_is` asks; None means that Slack did not say."""
    return [
        SettingsProblem(f"{where}: Slack knows no {member}", "Correct the id; /pg whoami shows one's own.")
        for member, where in sorted(named_people(settings).items())
        if await there_is(member) is False
    ]


def named_people(settings: Settings) -> dict[str, str]:
    """Return every Slack id of a person or user group, with the first place that names it."""
    found: dict[str, str] = {}
    for where, member in _members(settings):
        if _PERSON.fullmatch(member) or _GROUP.fullmatch(member):
            found.setdefault(member, where)
    return found


# Rules that never decide


def _idle_rules(settings: Settings, registry: Registry) -> Iterator[SettingsProblem]:
    changes = [each.name for each in registry if each.change is not None]
    rules = settings.approvals.rules
    for number, rule in enumerate(rules, start=1):
        meant = {name for name in changes if _fits(name, rule.changes)}
        if not meant:
            yield SettingsProblem(
                f"approval rule {number}: {', '.join(rule.changes)} fits no change", "Correct changes."
            )
            continue
        first = rules[: number - 1]
        before = [n for n, each in enumerate(first, start=1) if _wider(each.clusters, rule.clusters)]
        taken = {name for n in before for name in meant if _fits(name, rules[n - 1].changes)}
        if meant <= taken:
            why = " and ".join(str(n) for n in before if _shares(rules[n - 1], meant))
            yield SettingsProblem(
                f"approval rule {number} never decides: rule {why} comes first and fits all of it",
                "The first rule that fits decides: move it up, or take it out.",
            )


def _shares(rule: ApprovalRule, meant: set[str]) -> bool:
    return any(_fits(name, rule.changes) for name in meant)


def _idle_grants(settings: Settings, registry: Registry) -> Iterator[SettingsProblem]:
    names = [each.name for each in registry if not each.open_to_all]
    grants = settings.permissions
    for number, grant in enumerate(grants, start=1):
        others = [(n, each) for n, each in enumerate(grants, start=1) if n != number]
        for n, other in others:
            if _within(grant, other, names) and not (n > number and _within(other, grant, names)):
                yield SettingsProblem(
                    f"permission {number} adds nothing: permission {n} allows all of it", "Take it out."
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
        yield SettingsProblem("nobody may run anything but help and whoami", "Add permissions.")
    for name, terms in settings.approval_terms:
        if terms.kind is RequirementKind.APPROVAL:
            yield from _too_few(name, terms, settings)
        if terms.freeze and all(any(each.covers(at) for each in terms.freeze) for at in _WEEK):
            yield SettingsProblem(f"{name}: its freezes leave no hour of the week", "Nothing would ever run.")
        yield from (
            SettingsProblem(f"{name}: nobody is in {role}, which may break the glass", "Add people.")
            for role in terms.break_glass
            if role != OWNER and not settings.people[role]
        )


def _too_few(name: str, terms: ApprovalTerms, settings: Settings) -> Iterator[SettingsProblem]:
    """Report roles with too few people. A user group or an owner may be anybody, so they count as enough."""
    if OWNER in terms.roles and not any(each.owner for each in settings.clusters):
        yield SettingsProblem(f"{name}: it needs the owner, and no cluster has one", "Add owner to clusters.")
        return
    fixed = {role: count for role, count in terms.roles.items() if _is_fixed(role, settings)}
    people = _people(fixed, settings)
    if missing := missing_approvals(fixed, people.values()):
        yield SettingsProblem(
            f"{name} can never be satisfied: too few people for {', '.join(missing)}",
            "Add people to the role, or ask for fewer.",
        )
    elif not terms.own_vote:
        stuck = [each for each in people if _stuck_without(each, fixed, people)]
        if stuck:
            yield SettingsProblem(
                f"{name}: nobody is left to approve what {', '.join(stuck)} asks for",
                "Add somebody to the role: nobody approves their own request.",
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


def _members(settings: Settings) -> Iterator[tuple[str, str]]:
    for role, members in settings.people.items():
        yield from ((f"people: {role}", member) for member in members)
    yield from ((f"terminal.people: {user}", member) for user, member in settings.terminal.people.items())
    yield from (("people_keys", member) for member in settings.people_keys)


def _odd_ids(settings: Settings) -> Iterator[SettingsProblem]:
    for where, member in _members(settings):
        group = where.startswith("people: ") and _GROUP.fullmatch(member)
        if not _PERSON.fullmatch(member) and not group:
            what = "person or user group" if where.startswith("people: ") else "person"
            yield SettingsProblem(
                f"{where}: {member} is not a Slack id of a {what}", "It begins with U, W or S."
            )
    for entry in settings.clusters:
        owner = (entry.owner or "").removeprefix("@")
        known = owner in settings.people or _PERSON.fullmatch(owner) or _GROUP.fullmatch(owner)
        if settings.approvals.rules and owner and not known:
            yield SettingsProblem(
                f"clusters: the owner {entry.owner} is neither a role nor a Slack id",
                "Nobody counts as owner of these clusters when a change needs one.",
            )


def _odd_contracts(settings: Settings) -> Iterator[SettingsProblem]:
    """Report selectors of unknown contracts: a rule that never covers looks like one that does."""
    known = {each.name for each in settings.ionos.contracts}
    if not known:
        return  # they come from the environment
    rules, grants = settings.approvals.rules, settings.permissions
    matches: list[tuple[str, ClusterMatch]] = [("clusters", entry.match) for entry in settings.clusters]
    matches += [
        (f"approval rule {n}", each) for n, rule in enumerate(rules, start=1) for each in rule.clusters or ()
    ]
    matches += [
        (f"permission {n}", each) for n, grant in enumerate(grants, start=1) for each in grant.clusters or ()
    ]
    for where, match in matches:
        if match.contract and match.contract not in known:
            yield SettingsProblem(
                f"{where}: there is no contract {match.contract}",
                "Write it as ionos.contracts does, capital letters and all.",
            )


def _ignored_keys(settings: Settings) -> Iterator[SettingsProblem]:
    """Yield keys that earlier releases accepted and never read: a file that has them still starts."""
    for name, terms in settings.approval_terms:
        if "rule" in terms.model_fields_set:
            yield SettingsProblem(f"{name}: rule has no effect", "Remove it: a rule is known by its number.")
    for report in settings.reports:
        if report.hours and "zone" in report.hours.model_fields_set:
            yield SettingsProblem(
                f"report {report.name}: hours.zone has no effect",
                "Remove it: hours are in the time zone of the report.",
            )
