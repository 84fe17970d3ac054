"""`app.yaml` and the environment as one validated `Settings`; unknown keys are refused."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from bot.domain.approval_requirement import (
    EXPIRES,
    EXTRA_LOSS,
    ApprovalCondition,
    BreakGlassBy,
    Duration,
    RequirementKind,
    Role,
)
from bot.domain.closed_choices import spelled_freely
from bot.domain.cluster import GONE, Cluster, host_region, same_region
from bot.domain.errors import ConfigError
from bot.domain.name_match import matches_name, same_name
from bot.domain.stored_values import FrozenModel
from bot.settings.child_process import find_shared_secrets
from bot.settings.data_folder import find_data_folder
from bot.settings.mistakes import MISREAD, WholeNumber
from bot.settings.password_sinks import HandoverSettings
from bot.settings.public_keys import KeyText
from bot.settings.report_settings import HolidaySettings, ReportSettings
from bot.settings.secrets import Reference
from bot.settings.sections import (
    AuditSettings,
    HttpSettings,
    IonosSettings,
    LimitSettings,
    MigrationSettings,
    SlackSettings,
    TerminalSettings,
    WaiverSetting,
    WatchdogSettings,
    Word,
)
from bot.settings.yaml_source import YamlDocument, dotted, explain, read_sources

OWNER = "owner"
"""The role of the owner of the cluster that a change is about."""


class ClusterMatch(FrozenModel):
    """A selector of clusters: every given key must match. `name` is a pattern with *, ? and [ab]; see
    `bot.domain.name_match` for how names are compared."""

    name: Word | None = None
    contract: Word | None = None
    region: Word | None = None
    id: Word | None = None

    def fits(self, cluster: Cluster) -> bool:
        """Return whether the cluster matches. Regions compare without regard to case and `/` or `-`.

        The name of a deleted cluster is unknown, so that no pattern matches it.
        """
        return (
            (self.name is None or (cluster.state != GONE and matches_name(cluster.name, self.name)))
            and (self.contract is None or same_name(cluster.contract, self.contract))
            and (self.region is None or _lies_in(cluster.region, self.region))
            and (self.id is None or cluster.id.casefold() == self.id.casefold())
        )


class Tags(FrozenModel):
    """Facts about a cluster that the API does not have: it knows no labels."""

    owner: Word | None = None
    tier: Word | None = None
    channel: Word | None = None


class CredentialReferences(FrozenModel):
    """The primary database user of a v2 cluster: every change on v2 sends it, and sets its password."""

    username: Word
    password: Reference
    database: Word


class ClusterTags(Tags):
    """Tags, and the primary user, for the clusters that match."""

    match: ClusterMatch
    credentials: CredentialReferences | None = None


class Selector(ClusterMatch):
    """A selector of clusters as in `match`, and by owner and tier."""

    owner: Word | None = None
    tier: Word | None = None

    def covers(self, cluster: Cluster, tags: Tags) -> bool:
        """Return whether the cluster, with these tags, matches; a deleted one has no tags."""
        return (
            self.fits(cluster)
            and (cluster.state != GONE or (self.owner is None and self.tier is None))
            and (self.owner is None or same_name(_bare(tags.owner), _bare(self.owner)))
            and (self.tier is None or same_name(tags.tier or "", self.tier))
        )


class Grant(FrozenModel):
    """A permission: roles (`everyone` is every full member), commands, clusters and channels."""

    to: Annotated[tuple[Word, ...], Field(min_length=1)]
    allow: Annotated[tuple[Word, ...], Field(min_length=1)]
    clusters: tuple[Selector, ...] | None = None
    channels: tuple[Word, ...] | None = None


def _parse_period(value: object) -> object:
    is_off = str(value).strip() == "0"
    return timedelta() if is_off else str(value) if isinstance(value, int | float) else value


FormerNamePeriod = Annotated[Duration, BeforeValidator(_parse_period)]


def _check_limit(length: timedelta) -> timedelta:
    """Refuse a limit with which each change would ask again before it could be sent."""
    if length < timedelta(minutes=1):
        raise ValueError("it must be at least a minute, such as 15m")
    return length


ApprovalLength = Annotated[Duration, AfterValidator(_check_limit)]


class ApprovalTerms(ApprovalCondition):
    """The terms of a change in app.yaml: the requirement and its details."""

    roles: dict[str, Annotated[WholeNumber, Field(ge=1, le=20)]] = Field(default_factory=dict)
    kind: Annotated[RequirementKind, Field(alias="need")] = RequirementKind.APPROVAL
    break_glass_by: Annotated[BreakGlassBy, spelled_freely(BreakGlassBy)] = "another"
    valid_for: ApprovalLength | None = None
    extra_loss: ApprovalLength = EXTRA_LOSS

    @model_validator(mode="after")
    def _has_roles(self) -> "ApprovalTerms":
        if (self.kind is RequirementKind.APPROVAL) != bool(self.roles):
            raise ValueError("roles works only with need: approval")
        return self

    def condition(self, rule: str) -> ApprovalCondition:
        """Return the condition under the name of its rule, without the changes and clusters it applies to."""
        kept = {name: getattr(self, name) for name in ApprovalCondition.model_fields}
        valid_for = self.valid_for or min(self.expires, EXPIRES)
        return ApprovalCondition(**kept | {"rule": rule, "valid_for": valid_for})


class ApprovalRule(ApprovalTerms):
    """The approval terms of matching changes. The first rule that matches change and cluster decides."""

    changes: Annotated[tuple[Word, ...], Field(min_length=1)]
    clusters: tuple[Selector, ...] | None = None


class Approvals(FrozenModel):
    """The approval rules, and the channel for cards where a cluster has none.

    `default` is what changes need that no rule matches. Without it, what can lose data needs all that the
    rules for the same command ask for. `former_names` is how long rules by a cluster's former name cover it.
    """

    channel: Word | None = None
    rules: tuple[ApprovalRule, ...] = ()
    default: ApprovalTerms | None = None
    former_names: FormerNamePeriod = timedelta(days=30)


REMEMBERED_TAGS = 20_000
"""Clusters whose tags are remembered."""


class Settings(FrozenModel):
    """The settings. Without any of them: help and whoami in Slack, reads in the terminal."""

    slack: SlackSettings = SlackSettings()
    http: HttpSettings = HttpSettings()
    ionos: IonosSettings = IonosSettings()
    clusters: tuple[ClusterTags, ...] = ()
    people: dict[Role, tuple[Word, ...]] = Field(default_factory=dict)
    permissions: tuple[Grant, ...] = ()
    approvals: Approvals = Approvals()
    terminal: TerminalSettings = TerminalSettings()
    limits: LimitSettings = LimitSettings()
    watchdog: WatchdogSettings = WatchdogSettings()
    audit: AuditSettings = AuditSettings()
    people_keys: dict[Word, KeyText] = Field(default_factory=dict)
    handover: HandoverSettings | None = None
    password_references: tuple[Word, ...] = ()
    migration: MigrationSettings = MigrationSettings()
    waivers: tuple[WaiverSetting, ...] = ()
    reports: ReportSettings = ()
    holidays: HolidaySettings = Field(default_factory=dict)

    @model_validator(mode="after")
    def _roles_exist(self) -> "Settings":
        for name, terms in self.approval_terms:
            for role in {*terms.roles, *terms.break_glass}:
                if role != OWNER and role not in self.people:
                    raise ValueError(f"{name} uses the role {role}, which is not under people")
        for number, grant in enumerate(self.permissions, start=1):
            for role in grant.to:
                if role != "everyone" and role not in self.people:
                    raise ValueError(f"permission {number} uses the role {role}, which is not under people")
        return self

    @model_validator(mode="after")
    def _programs_get_no_secret(self) -> "Settings":
        if shared := find_shared_secrets(self):
            raise ValueError(
                f"env passes {shared[0]} to a program, but that variable holds a secret of the bot"
            )
        return self

    @property
    def outside_channel(self) -> str | None:
        """Return the channel that keeps the bot's state outside its machine; None if none is named."""
        return self.audit.anchors.channel or self.approvals.channel

    @property
    def approval_terms(self) -> tuple[tuple[str, ApprovalTerms], ...]:
        """Return the terms of every approval rule and of the default, with the names that people see."""
        default = self.approvals.default
        rules = [(f"approval rule {n}", each) for n, each in enumerate(self.approvals.rules, start=1)]
        return (*rules, *([] if default is None else [("approvals.default", default)]))

    def tags(self, cluster: Cluster) -> Tags:
        """Return owner, tier and channel of a cluster, each from the first matching entry that has it."""
        # All that an entry can ask about. A fleet of thousands is asked about again with every listing.
        asked = (cluster.id, cluster.name, cluster.contract, cluster.region, cluster.state == GONE)
        known = self._known_tags
        found = known.get(asked)
        if found is None:
            if len(known) >= REMEMBERED_TAGS:
                known.clear()
            found = known[asked] = self._find_tags(cluster)
        return found

    @cached_property
    def _known_tags(self) -> dict[tuple[str, str, str, str, bool], Tags]:
        return {}

    def _find_tags(self, cluster: Cluster) -> Tags:
        fitting = [entry for entry in self.clusters if entry.match.fits(cluster)]

        def first(key: str) -> str | None:
            return next((value for entry in fitting if (value := getattr(entry, key)) is not None), None)

        return Tags(owner=first("owner"), tier=first("tier"), channel=first("channel"))

    def credentials(self, cluster: Cluster) -> CredentialReferences | None:
        """Return the references to a cluster's primary user, from the first matching entry with them."""
        fitting = (entry.credentials for entry in self.clusters if entry.match.fits(cluster))
        return next((found for found in fitting if found is not None), None)

    @property
    def user_groups(self) -> frozenset[str]:
        """Return the Slack user groups that the roles name; their ids begin with S."""
        return frozenset(member for members in self.people.values() for member in members if member[0] == "S")


def _bare(owner: str | None) -> str:
    """Return an owner without the @ that may stand before it."""
    return (owner or "").removeprefix("@")


def _lies_in(place: str, region: str) -> bool:
    """Return whether a location is in a region. `de/fra/2` is also in `de/fra`, as the APIs show it."""
    return same_region(place, region) or same_region(host_region(place), region)


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings, the file they came from (None without one), and the data folder."""

    settings: Settings
    file: Path | None
    data: Path
    document: YamlDocument = field(default_factory=YamlDocument)

    def place(self, *location: int | str) -> str:
        """Return `app.yaml line 7` or the variable of a setting; empty if it was not set."""
        above = [location[:end] for end in range(1, len(location) + 1)]
        # A section of the file alone does not set what is in it.
        in_file = any(each in self.document.lines for each in above[min(1, len(above) - 1) :])
        is_set = in_file or any(each in self.document.variables for each in above)
        return self.document.where(location) if is_set else ""

    @property
    def database(self) -> Path:
        return self.data / "pgbot.db"


def load_settings(config: Path | None = None, environment: Mapping[str, str] | None = None) -> Setup:
    """Read the settings: the environment over the file over the defaults. Raises ConfigError.

    The file is `config`, else `PGBOT_CONFIG`, else `app.yaml` in the working directory if there is one.
    """
    environment = os.environ if environment is None else environment
    document = read_sources(Settings, config, environment)
    try:
        settings = Settings.model_validate(document.values, context=document.path and document.path.parent)
    except ValidationError as error:
        raise ConfigError(explain(error, document, Settings), "Correct it, then run pgbot check.") from None
    if document.misread:
        raise ConfigError(
            "\n".join(f"{document.where(each)}: {dotted(each)}: {MISREAD}" for each in document.misread),
            "Put it in quotes, or remove the leading 0. Then run pgbot check.",
        )
    return Setup(settings, document.path, find_data_folder(environment), document)
