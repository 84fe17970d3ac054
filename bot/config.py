"""`app.yaml` and the environment, turned into one validated `Settings`; unknown keys are refused."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bot.domain import Cluster
from bot.errors import ConfigError
from bot.secrets import Reference
from bot.settings_file import Document, explain, from_environment

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Strict(BaseModel):
    """A section of the settings: no unknown keys, no changes later, and no input values in its errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SlackSettings(Strict):
    """How the bot talks with Slack."""

    mode: Literal["socket", "http"] = "socket"
    command: Annotated[str, StringConstraints(pattern=r"^/[a-z0-9_-]{1,31}$")] = "/pg"
    team: Word | None = None
    app: Word | None = None
    api_url: Word = "https://slack.com/api/"
    bot_token: Reference = "env:SLACK_BOT_TOKEN"  # noqa: S105 - where it is, not what it is
    app_token: Reference = "env:SLACK_APP_TOKEN"  # noqa: S105 - where it is, not what it is
    signing_secret: Reference = "env:SLACK_SIGNING_SECRET"  # noqa: S105 - where it is, not what it is


class HttpSettings(Strict):
    """Where the bot listens: health in both modes, Slack's requests in HTTP mode."""

    host: Word = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 3000
    public_url: Word | None = None


class Contract(Strict):
    """One IONOS contract and the reference to its credentials: a token, or a user name and password."""

    name: Word
    number: Annotated[str, Field(coerce_numbers_to_str=True, pattern=r"^\d+$")] | None = None
    token: Reference | None = None
    username: Reference | None = None
    password: Reference | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> "Contract":
        if (self.token is None) == (self.username is None or self.password is None):
            raise ValueError("give either token, or username and password")
        return self


class IonosSettings(Strict):
    """The two APIs: how to get in, and where they are if not at IONOS; see `bot.api.access`."""

    contracts: tuple[Contract, ...] = ()
    api_url: Word | None = None
    region_url: Word | None = None

    @model_validator(mode="after")
    def _contract_names_differ(self) -> "IonosSettings":
        names = [contract.name for contract in self.contracts]
        if len(set(names)) != len(names):
            raise ValueError("two contracts have the same name")
        return self


class Match(Strict):
    """Which clusters: every given key must fit. `name` is a pattern with * and ?."""

    name: Word | None = None
    contract: Word | None = None
    region: Word | None = None
    id: Word | None = None

    def fits(self, cluster: Cluster) -> bool:
        """Whether the cluster is one of these. Regions compare without regard to case and `/` or `-`."""
        return (
            (self.name is None or fnmatchcase(cluster.name, self.name))
            and (self.contract is None or cluster.contract == self.contract)
            and (self.region is None or same_region(cluster.region, self.region))
            and (self.id is None or cluster.id == self.id)
        )


class Tags(Strict):
    """What we know of a cluster that the API does not: it has no labels, so they come from here."""

    owner: Word | None = None
    tier: Word | None = None
    channel: Word | None = None


class CredentialReferences(Strict):
    """The primary database user of a v2 cluster: every change on v2 sends it, and sets its password."""

    username: Word
    password: Reference
    database: Word


class ClusterTags(Tags):
    """Tags, and the primary user, for the clusters that match."""

    match: Match
    credentials: CredentialReferences | None = None


class Selector(Match):
    """Which clusters a permission covers: as `match`, and by owner and tier."""

    owner: Word | None = None
    tier: Word | None = None

    def covers(self, cluster: Cluster, tags: Tags) -> bool:
        """Whether the cluster, with these tags, is one of them."""
        return (
            self.fits(cluster)
            and (self.owner is None or tags.owner == self.owner)
            and (self.tier is None or tags.tier == self.tier)
        )


class Grant(Strict):
    """Who may run what, on which clusters, where. `to` names roles; `everyone` is every full member."""

    to: Annotated[tuple[Word, ...], Field(min_length=1)]
    allow: Annotated[tuple[Word, ...], Field(min_length=1)]
    clusters: tuple[Selector, ...] | None = None
    channels: tuple[Word, ...] | None = None


class Settings(Strict):
    """Everything that can be set. Without any of it: help and whoami in Slack, reads in the terminal."""

    slack: SlackSettings = SlackSettings()
    http: HttpSettings = HttpSettings()
    ionos: IonosSettings = IonosSettings()
    clusters: tuple[ClusterTags, ...] = ()
    people: dict[str, tuple[Word, ...]] = Field(default_factory=dict)
    permissions: tuple[Grant, ...] = ()

    @model_validator(mode="after")
    def _roles_exist(self) -> "Settings":
        for number, grant in enumerate(self.permissions, start=1):
            for role in grant.to:
                if role != "everyone" and role not in self.people:
                    raise ValueError(f"permission {number} names the role {role}, which people does not have")
        return self

    def tags(self, cluster: Cluster) -> Tags:
        """Owner, tier and channel of a cluster; for each, the first entry that fits and says it wins."""
        fitting = [entry for entry in self.clusters if entry.match.fits(cluster)]

        def first(key: str) -> str | None:
            return next((value for entry in fitting if (value := getattr(entry, key)) is not None), None)

        return Tags(owner=first("owner"), tier=first("tier"), channel=first("channel"))

    def credentials(self, cluster: Cluster) -> CredentialReferences | None:
        """Where the primary user of a cluster is kept; the first entry that fits and says it wins."""
        fitting = (entry.credentials for entry in self.clusters if entry.match.fits(cluster))
        return next((found for found in fitting if found is not None), None)

    @property
    def user_groups(self) -> frozenset[str]:
        """The Slack user groups that the roles name; their ids begin with S."""
        return frozenset(member for members in self.people.values() for member in members if member[0] == "S")


def same_region(left: str, right: str) -> bool:
    """`de/fra`, `DE/FRA` and `de-fra` are one region (ionos-api-notes, section 1)."""
    return left.replace("/", "-").casefold() == right.replace("/", "-").casefold()


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings, the file they came from (None: there was none), and the folder for data."""

    settings: Settings
    file: Path | None
    data: Path


def load(config: Path | None = None, environment: Mapping[str, str] | None = None) -> Setup:
    """Read the settings: the environment over the file over the defaults. Raises ConfigError.

    The file is `config`, else `PGBOT_CONFIG`, else `app.yaml` in the working directory if there is one.
    """
    environment = os.environ if environment is None else environment
    document = _read(config, environment)
    overrides = from_environment(Settings, environment)
    values = _merge(_official_names(document.values, environment), overrides)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigError(explain(error, document, Settings), "Correct it, then run pgbot check.") from None
    return Setup(settings, document.path, Path(environment.get("PGBOT_DATA") or "data"))


def _read(config: Path | None, environment: Mapping[str, str]) -> Document:
    named = config or (Path(environment["PGBOT_CONFIG"]) if environment.get("PGBOT_CONFIG") else None)
    path = named or Path("app.yaml")
    if named is None and not path.exists():
        return Document()
    try:
        return Document.parse(path, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"{path} cannot be read: {reason}.", "Check --config or PGBOT_CONFIG.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise ConfigError(f"{path}{where}: {problem}.", "Correct it, then run pgbot check.") from None


def _official_names(values: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """IONOS_API_URL over the file; and, if the file has no contract, one made of the other IONOS_* names."""
    ionos: dict[str, Any] = {}
    if environment.get("IONOS_API_URL"):
        ionos["api_url"] = environment["IONOS_API_URL"]
    section = values.get("ionos")
    if not (isinstance(section, dict) and section.get("contracts")):
        contract = _official_contract(environment)
        ionos |= {"contracts": [contract]} if contract else {}
    return _merge(values, {"ionos": ionos}) if ionos else values


def _official_contract(environment: Mapping[str, str]) -> dict[str, Any] | None:
    contract: dict[str, Any] = {"name": "default"}
    if environment.get("IONOS_TOKEN"):
        contract["token"] = "env:IONOS_TOKEN"  # noqa: S105 - where the token is, not the token
    elif environment.get("IONOS_USERNAME") and environment.get("IONOS_PASSWORD"):
        contract |= {"username": "env:IONOS_USERNAME", "password": "env:IONOS_PASSWORD"}
    else:
        return None
    if environment.get("IONOS_CONTRACT_NUMBER"):
        contract["number"] = environment["IONOS_CONTRACT_NUMBER"]
    return contract


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = _merge(below, value) if both and isinstance(below, dict) else value
    return merged
