"""`app.yaml` and the environment as one validated `Settings`; unknown keys are refused."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

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
from bot.domain.cluster import GONE, Cluster
from bot.domain.errors import ConfigError
from bot.domain.name_match import matches_name, same_name
from bot.domain.provenance import digest_value
from bot.domain.times import parse_duration
from bot.settings.audit_settings import AuditSettings, DurationText
from bot.settings.child_process import find_shared_secrets
from bot.settings.data_folder import find_data_folder
from bot.settings.migration_settings import MigrationSettings, WaiverSetting
from bot.settings.mistakes import MISREAD, WholeNumber
from bot.settings.password_sinks import HandoverSettings
from bot.settings.public_keys import KeyText
from bot.settings.quota_settings import Quota
from bot.settings.report_settings import HolidaySettings, ReportSettings
from bot.settings.secrets import Reference
from bot.settings.sources import merged, official_names, read_file
from bot.settings.terminal_settings import TerminalSettings
from bot.settings.urls import Address, PublicAddress, RegionAddress
from bot.settings.yaml_source import YamlDocument, dotted, explain, from_environment

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


OWNER = "owner"
"""The role of the owner of the cluster that a change is about."""


class StrictSection(BaseModel):
    """A section of the settings: no unknown keys, immutable, and no input values in its errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)


SlackMode = Literal["socket", "http"]


class SlackSettings(StrictSection):
    """The Slack app, and the way to Slack. `workspaces` of its enterprise count as the bot's own."""

    mode: Annotated[SlackMode, spelled_freely(SlackMode)] = "socket"
    command: Annotated[str, StringConstraints(pattern=r"^/[a-z0-9_-]{1,31}$")] = "/pg"
    team: Word | None = None
    workspaces: frozenset[Word] = frozenset()
    app: Word | None = None
    api_url: Address = "https://slack.com/api/"
    bot_token: Reference = "env:SLACK_BOT_TOKEN"  # noqa: S105 - where it is, not what it is
    app_token: Reference = "env:SLACK_APP_TOKEN"  # noqa: S105 - where it is, not what it is
    signing_secret: Reference = "env:SLACK_SIGNING_SECRET"  # noqa: S105 - where it is, not what it is


class HttpSettings(StrictSection):
    """The address the bot listens on: health in both modes, Slack's requests in HTTP mode.

    `connections` at most at a time, each with `request_seconds` for a request's head and again for its body.
    """

    host: Word = "127.0.0.1"
    port: Annotated[WholeNumber, Field(ge=0, le=65535)] = 3000
    public_url: PublicAddress | None = None
    connections: Annotated[WholeNumber, Field(ge=1)] = 250
    request_seconds: Annotated[float, Field(gt=0, le=600)] = 10


class ContractSettings(StrictSection):
    """One IONOS contract: references to a token, or to a user name and password; and its quota."""

    name: Word
    number: Annotated[str, Field(coerce_numbers_to_str=True, pattern=r"^\d+$")] | None = None
    token: Reference | None = None
    username: Reference | None = None
    password: Reference | None = None
    quota: Quota = Quota()

    @model_validator(mode="after")
    def _one_way_in(self) -> "ContractSettings":
        is_login = self.username is not None and self.password is not None
        if (self.token is None) != is_login or (self.token is not None and (self.username or self.password)):
            raise ValueError("set either token, or username and password")
        return self


class IonosSettings(StrictSection):
    """The two APIs: contracts, and addresses other than IONOS's; see `bot.ionos.credentials`."""

    contracts: tuple[ContractSettings, ...] = ()
    api_url: Address | None = None
    region_url: RegionAddress | None = None

    @property
    def accounts(self) -> dict[str, str]:
        """A digest of each contract's number and references, by name: they decide what is listed."""
        fields = {"number", "token", "username", "password"}
        return {
            each.name: digest_value(each.model_dump(mode="json", include=fields)) for each in self.contracts
        }

    @model_validator(mode="after")
    def _contract_names_differ(self) -> "IonosSettings":
        names = [contract.name for contract in self.contracts]
        if len(set(names)) != len(names):
            raise ValueError("two contracts have the same name")
        return self


class ClusterMatch(StrictSection):
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


class Tags(StrictSection):
    """Facts about a cluster that the API does not have: it knows no labels."""

    owner: Word | None = None
    tier: Word | None = None
    channel: Word | None = None


class CredentialReferences(StrictSection):
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


class Grant(StrictSection):
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


class Approvals(StrictSection):
    """The approval rules, and the channel for cards where a cluster has none.

    `default` is what changes need that no rule matches. Without it, what can lose data needs all that the
    rules for the same command ask for. `former_names` is how long rules by a cluster's former name cover it.
    """

    channel: Word | None = None
    rules: tuple[ApprovalRule, ...] = ()
    default: ApprovalTerms | None = None
    former_names: FormerNamePeriod = timedelta(days=30)


class LimitSettings(StrictSection):
    """The most that one person may do: commands in a minute, and changes that wait for a decision or run."""

    commands_per_minute: Annotated[WholeNumber, Field(ge=1)] = 300
    open_changes: Annotated[WholeNumber, Field(ge=1)] = 300


class WatchdogSettings(StrictSection):
    """The watch over the event loop: `serve` ends where it stands still for `limit`, two seconds at least."""

    limit: DurationText = "30s"

    @model_validator(mode="after")
    def _is_long_enough(self) -> "WatchdogSettings":
        if self.seconds < 2:
            raise ValueError("less than 2s would stop a bot that is briefly busy")
        return self

    @property
    def seconds(self) -> float:
        """Return the limit in seconds."""
        return parse_duration(self.limit).total_seconds()


REMEMBERED_TAGS = 20_000
"""Clusters whose tags are remembered."""


class Settings(StrictSection):
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
        if asked not in known:
            if len(known) >= REMEMBERED_TAGS:
                known.clear()
            known[asked] = self._find_tags(cluster)
        return known[asked]

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


def same_region(left: str, right: str) -> bool:
    """Return whether these spell one region, as `de/fra` and `DE-FRA` do (ionos-api-notes, section 1)."""
    return left.replace("/", "-").casefold() == right.replace("/", "-").casefold()


def _lies_in(place: str, region: str) -> bool:
    """Return whether a location is in a region. `de/fra/2` is also in `de/fra`, as the APIs show it."""
    host = "/".join(place.replace("-", "/").split("/")[:2])
    return same_region(place, region) or same_region(host, region)


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
        """Return the bot's database."""
        return self.data / "pgbot.db"


def load_settings(config: Path | None = None, environment: Mapping[str, str] | None = None) -> Setup:
    """Read the settings: the environment over the file over the defaults. Raises ConfigError.

    The file is `config`, else `PGBOT_CONFIG`, else `app.yaml` in the working directory if there is one.
    """
    environment = os.environ if environment is None else environment
    document = read_file(config, environment)
    official = official_names(document.values, environment)
    own = from_environment(Settings, environment)
    values = merged(merged(document.values, official.values), own.values)
    document = replace(document, variables={**official.variables, **own.variables})
    try:
        settings = Settings.model_validate(values, context=document.path and document.path.parent)
    except ValidationError as error:
        raise ConfigError(explain(error, document, Settings), "Correct it, then run pgbot check.") from None
    if document.misread:
        raise ConfigError(
            "\n".join(f"{document.where(each)}: {dotted(each)}: {MISREAD}" for each in document.misread),
            "Put it in quotes, or remove the leading 0. Then run pgbot check.",
        )
    return Setup(settings, document.path, find_data_folder(environment), document)
