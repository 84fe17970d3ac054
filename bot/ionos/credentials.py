"""Credentials of a contract, and the only addresses that they may be sent to."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import SplitResult, urlsplit

import httpx
from pydantic import SecretStr

from bot.domain.cluster import Api, Gap
from bot.domain.errors import ConfigError

DEFAULT_API_URL = "https://api.ionos.com/databases/postgresql"
"""v1: one global address (ionos-v1.openapi.yaml, servers)."""

DEFAULT_REGION_URL = "https://postgresql.{region}.ionos.com"
"""v2: one address per region (ionos-v2.openapi.yaml, servers)."""

V1_PATH = "/databases/postgresql"

REGIONS = ("de/txl", "de/fra", "fr/par", "es/vit", "gb/lhr", "gb/bhx", "us/las", "us/mci", "us/ewr")
"""The nine v2 hosts, spelt as v1 spells locations. de/fra/2 shares the host of de/fra (notes section 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAccess:
    """A contract with its token, or user name and password. Secrets print as stars.

    `name` is the contract's name in app.yaml; `number` is sent as X-Contract-Number, to v1 only.
    Raises ConfigError without credentials, or where they cannot be sent as a header.
    """

    name: str
    number: str | None = None
    token: SecretStr | None = None
    username: SecretStr | None = None
    password: SecretStr | None = None

    def __post_init__(self) -> None:
        if self.token is None and (self.username is None or self.password is None):
            raise ConfigError(
                f"Contract {self.name} has no credentials.",
                "Give it a token, or a user name and a password.",
            )
        if self.number is not None and not (self.number.isascii() and self.number.isdigit()):
            raise ConfigError(f"The number of contract {self.name} must consist of digits.")
        if self.token is not None and not _fits_a_header(self.token.get_secret_value()):
            raise ConfigError(
                f"The token of contract {self.name} is empty or has characters that a token can't have.",
                "Check the file or variable that it is read from.",
            )

    @property
    def has_token(self) -> bool:
        """True when a bearer token is sent. v2 documents no other authentication."""
        return self.token is not None

    def secrets(self) -> tuple[str, ...]:
        """Return every secret in each form that is sent, to be removed from answers."""
        values = (self.token, self.password)
        plain = tuple(value.get_secret_value() for value in values if value is not None)
        return (*plain, self.headers()["Authorization"].partition(" ")[2])

    def headers(self) -> dict[str, str]:
        """Return the Authorization header. A token takes precedence over a password."""
        if self.token is not None:
            return {"Authorization": f"Bearer {self.token.get_secret_value()}"}
        username = self.username.get_secret_value() if self.username else ""
        password = self.password.get_secret_value() if self.password else ""
        # httpx encodes Basic authentication; the request only carries the header.
        vessel = httpx.Request("GET", "https://localhost")
        signed = next(httpx.BasicAuth(username, password).auth_flow(vessel))
        return {"Authorization": signed.headers["Authorization"]}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses of the two APIs: v1's, and v2's per region ("de/txl").

    `v1` is None and `regions` is empty where that API must not be contacted; `gaps` says why.
    """

    v1: str | None
    regions: Mapping[str, str]
    gaps: tuple[Gap, ...] = field(default=())

    @property
    def hosts_on_this_machine(self) -> tuple[str, ...]:
        """The hosts that must be reached without a proxy, as written in the addresses."""
        bases = [*([self.v1] if self.v1 else []), *self.regions.values()]
        hosts = {urlsplit(base).hostname or "" for base in bases}
        return tuple(f"[{host}]" if ":" in host else host for host in sorted(hosts) if _is_loopback(host))


def resolve_addresses(api_url: str | None = None, region_url: str | None = None) -> Addresses:
    """Build the addresses from `ionos.api_url` and the template `ionos.region_url`; None is the default.

    If only one differs from its default, the other API is not contacted: a token for a simulator or another
    cloud must not reach IONOS, nor the reverse. Raises ConfigError for an address that is not an http(s)
    URL, is plain http to another machine, or holds credentials, a query or a fragment.
    """
    v1 = _v1_base(api_url or DEFAULT_API_URL)
    template = (region_url or DEFAULT_REGION_URL).strip()
    if "{region}" not in template:
        raise ConfigError(
            "ionos.region_url must contain {region}, to tell the nine regions apart.",
            f"The default is {DEFAULT_REGION_URL}.",
        )
    regions = {region: _v2_base(template, region) for region in REGIONS}
    own_v1 = v1 != DEFAULT_API_URL
    own_v2 = template.rstrip("/") != DEFAULT_REGION_URL
    if own_v1 and not own_v2:
        return Addresses(
            v1, MappingProxyType({}), (_not_looked_at("v2, all nine regions", "ionos.api_url", Api.V2),)
        )
    if own_v2 and not own_v1:
        return Addresses(None, MappingProxyType(regions), (_not_looked_at("v1", "ionos.region_url", Api.V1),))
    return Addresses(v1, MappingProxyType(regions))


def _not_looked_at(where: str, setting: str, api: Api) -> Gap:
    return Gap(
        where=where,
        api=api,
        why=f"not read: only {setting} was changed, so credentials are sent only there",
    )


def _v1_base(url: str) -> str:
    parts = _check_url("ionos.api_url", url)
    path = parts.path.rstrip("/") or V1_PATH
    return f"{parts.scheme}://{parts.netloc}{path}"


def _v2_base(template: str, region: str) -> str:
    parts = _check_url("ionos.region_url", template.replace("{region}", region.replace("/", "-")))
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _check_url(setting: str, url: str) -> SplitResult:
    # The errors do not quote the address: it may hold a password.
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise ConfigError(f"{setting} is not an address.") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigError(f"{setting} must begin with https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise ConfigError(f"{setting} must not hold a user name or password.", "Move them under `contracts`.")
    if parts.query or parts.fragment:
        raise ConfigError(f"{setting} must end with its path: no ? and no #.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigError(
            f"{setting} is plain http to another machine, where credentials could be read on the way.",
            "Use https; plain http is only for 127.0.0.1, ::1 and localhost.",
        )
    return parts


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _fits_a_header(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and not any(c.isspace() for c in token)
