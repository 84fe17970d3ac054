"""The sections of app.yaml that stand for themselves, and the kinds of text and number in them."""

import ipaddress
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from bot.domain.byte_sizes import parse_gigabytes
from bot.domain.closed_choices import spelled_freely
from bot.domain.errors import BadArgument
from bot.domain.migration_records import Waiver
from bot.domain.stored_values import FrozenModel, digest_value
from bot.domain.times import parse_duration
from bot.settings.child_process import ProgramSettings
from bot.settings.mistakes import WholeNumber, refuse_bool
from bot.settings.secrets import Reference

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Positive = Annotated[WholeNumber, Field(ge=1)]


def _check_address(address: str) -> str:
    # The address itself is not quoted in the errors: somebody may have put a password into it.
    address = address.strip()
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise ValueError("this is not an address") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("this must start with https:// and a host name")
    if parts.username is not None or parts.password is not None:
        raise ValueError("this must not contain a user name or password")
    if parts.query or parts.fragment:
        raise ValueError("this must end with its path, without ? or #")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise ValueError(
            "this is plain http to another machine, which would expose credentials; use https "
            "(http works only for 127.0.0.1, ::1 and localhost)"
        )
    return address


def _check_template(address: str) -> str:
    if "{region}" not in address:
        raise ValueError("this must contain {region}, because each of the nine regions has its own host")
    _check_address(address.replace("{region}", "region"))
    return address


def _is_this_machine(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


Address = Annotated[str, AfterValidator(_check_address)]
"""The address of a service that secrets are sent to: https, or plain http to this machine, without user name,
password, query or fragment."""

RegionAddress = Annotated[str, AfterValidator(_check_template)]
"""The same, with `{region}` standing for a region spelt like de-txl."""


def _check_duration(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("it must be a duration with a unit, such as 90s or 1h30m")  # noqa: TRY004 - pydantic's
    try:
        parse_duration(str(value))
    except BadArgument as error:
        raise ValueError(str(error)) from None
    return value


DurationText = Annotated[Word, BeforeValidator(_check_duration)]
"""A duration as people write it, such as `90s` or `1h30m`."""

SlackMode = Literal["socket", "http"]


class SlackSettings(FrozenModel):
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


class HttpSettings(FrozenModel):
    """The address the bot listens on: health in both modes, Slack's requests in HTTP mode.

    `public_url` is for Slack, which calls https only. `connections` at most at a time, each with
    `request_seconds` for a request's head and again for its body.
    """

    host: Word = "127.0.0.1"
    port: Annotated[WholeNumber, Field(ge=0, le=65535)] = 3000
    public_url: Address | None = None
    connections: Positive = 250
    request_seconds: Annotated[float, Field(gt=0, le=600)] = 10


MostGigabytes = Annotated[int, BeforeValidator(parse_gigabytes), BeforeValidator(refuse_bool), Field(ge=1)]


class Quota(FrozenModel):
    """The limits of a contract as IONOS's DCD shows them, which no API tells; RAM and storage in GB, of all
    instances together. None: unknown."""

    clusters: Positive | None = None
    cores: Positive | None = None
    ram: MostGigabytes | None = None
    storage: MostGigabytes | None = None


class ContractSettings(FrozenModel):
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


class IonosSettings(FrozenModel):
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


def _is_absolute(text: str) -> str:
    if not Path(text).is_absolute():
        raise ValueError("use a path that starts with /, so that it works from every folder")
    return text


def _is_mode(value: object) -> object:
    # Without quotes YAML makes a number of it, and 0660 becomes 432.
    if not isinstance(value, str) or not re.fullmatch("0?[0-7]{3}", value):
        raise ValueError('write the file mode in quotes, such as "0660"')
    return value


class TerminalSettings(FrozenModel):
    """The Slack people of this machine's users, and the Unix socket at which `serve` answers `pgbot run`.

    Anybody else who may use the socket only reads. Without `socket` it is `pgbot.sock` in the data folder.
    """

    people: dict[str, Word] = Field(default_factory=dict)
    socket: Annotated[Word, AfterValidator(_is_absolute)] | None = None
    socket_mode: Annotated[str, BeforeValidator(_is_mode)] = "0660"


class LimitSettings(FrozenModel):
    """The most that one person may do: commands in a minute, and changes that wait for a decision or run."""

    commands_per_minute: Positive = 300
    open_changes: Positive = 300


class WatchdogSettings(FrozenModel):
    """The watch over the event loop: `serve` ends where it stands still for `limit`, two seconds at least."""

    limit: DurationText = "30s"

    @model_validator(mode="after")
    def _is_long_enough(self) -> "WatchdogSettings":
        if self.seconds < 2:
            raise ValueError("less than 2s would stop a bot that is briefly busy")
        return self

    @property
    def seconds(self) -> float:
        return parse_duration(self.limit).total_seconds()


class AnchorSettings(ProgramSettings):
    """The places where anchors are kept: a file, a program that reads one on its input, a channel.

    `read` is a program that prints the anchors which `command` keeps.
    """

    file: Word | None = None
    command: tuple[Word, ...] | None = None
    read: tuple[Word, ...] | None = None
    channel: Word | None = None


class AuditSettings(FrozenModel):
    """Places and interval of the audit log's anchors, and the key of its hash chain; see docs/audit.md."""

    anchors: AnchorSettings = AnchorSettings()
    every: DurationText = "1h"
    key: Reference | None = None

    @property
    def interval(self) -> timedelta:
        return parse_duration(self.every)


def _resolve_path(text: str, info: ValidationInfo) -> str:
    """Return the path from the folder of app.yaml, which the validation has as its context."""
    return str(info.context / text) if isinstance(info.context, Path) else text


class MigrationSettings(FrozenModel):
    """The readiness check: a folder of rules of your own, a Python file each, and evidence from files.

    `deadline` is the last day, UTC, on which clusters may be on v1. `evidence` are files, folders and globs
    with documents by `pgbot scan` and `pgbot precheck`.
    """

    rules: Word | None = None
    deadline: date | None = None
    evidence: tuple[Annotated[Word, AfterValidator(_resolve_path)], ...] = ()


class WaiverSetting(FrozenModel):
    """A waiver of a rule through the day `until`, UTC. `cluster` is an id or a name pattern with * and ?."""

    rule: Word
    cluster: Word
    until: date
    owner: Word
    reason: Word

    @property
    def ends(self) -> datetime:
        """Return the end of the last day, UTC."""
        return datetime.combine(self.until + timedelta(days=1), datetime.min.time(), UTC)

    def as_waiver(self) -> Waiver:
        """Return it in the form of a waiver that was given by command."""
        return Waiver(self.rule.upper(), self.cluster, self.ends, self.owner, self.reason)
