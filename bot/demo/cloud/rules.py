"""Rules that both APIs share: types of fields in requests, names, addresses, times, restore targets."""

import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model, model_validator
from pydantic.alias_generators import to_camel

from bot.demo.cloud.call import ApiCall, FoundBackup, need
from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.records import ClusterRecord, RestoreRecord, TokenOwner, WindowRecord
from bot.demo.cloud.refusals import ApiRefusal
from bot.domain.cluster import Api
from bot.domain.cluster_properties import SWITCHES, offered_by

RESERVED_NAMES = frozenset({"postgres", "admin", "standby"})
"""Examples from the guides (notes, section 9); the complete list is unknown."""

_V1_FORBIDDEN = ("10.233.64.0/18", "10.233.0.0/18", "10.233.114.0/24")
_V2_FORBIDDEN = ("10.208.0.0/12",)
_GUIDE_FORBIDDEN = ("10.208.0.0/12", "10.233.0.0/18", "10.233.64.0/18", "192.168.230.0/24")

Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
UuidText = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")]
Filled = Annotated[str, StringConstraints(min_length=1)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$")]
Day = Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

Sent = TypeVar("Sent", bound="RequestModel")

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_CET = timezone(timedelta(hours=1))


class RequestModel(BaseModel):
    """A part of a request body: exact types, camelCase names, unknown fields ignored."""

    model_config = ConfigDict(
        strict=True, extra="ignore", alias_generator=to_camel, hide_input_in_errors=True, frozen=True
    )
    may_be_null: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, sent: Any) -> Any:
        """Refuse nulls: neither specification has a nullable field in a request."""
        if isinstance(sent, dict):
            known = {field.alias for field in cls.model_fields.values()}
            nulls = {name for name, value in sent.items() if value is None and name in known}
            if nulls - cls.may_be_null:
                raise ValueError(f"{min(nulls - cls.may_be_null)} must not be null")
        return sent


class Enveloped(RequestModel, Generic[Sent]):
    """A body whose content is below `properties`."""

    properties: Sent


def with_switches(api: Api) -> Callable[[type[Sent]], type[Sent]]:
    """Add to a request a field for each of the API's properties that are on or off."""
    its = [(each.field, path[-1]) for each, path in offered_by(api) if each.kind is bool]
    fields: dict[str, Any] = {field: (bool | None, Field(default=None, alias=name)) for field, name in its}
    return lambda base: create_model(base.__name__, __base__=base, __module__=base.__module__, **fields)


def sent_switches(sent: RequestModel) -> dict[str, bool]:
    """Return the switches that a request sets, by the domain's fields."""
    return {each.field: value for each in SWITCHES if (value := getattr(sent, each.field, None)) is not None}


def shown_switches(record: ClusterRecord, api: Api) -> dict[str, bool]:
    """Return a cluster's switches as the API's answers name them."""
    its = ((each.field, path[-1]) for each, path in offered_by(api) if each.kind is bool)
    return {name: record.switches.get(field, False) for field, name in its}


class SentWindow(RequestModel):
    """Maintenance window, the same in both APIs."""

    time: TimeOfDay
    day_of_the_week: Day

    def record(self) -> WindowRecord:
        return WindowRecord(self.time, self.day_of_the_week)


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def check_address(call: ApiCall, address: str, field: str) -> None:
    """Check a host address with prefix length against the ranges reserved by the platform."""
    if "/" not in address:
        raise ApiRefusal(422, f"{field} must be an address with a prefix length")
    try:
        host = ipaddress.IPv4Interface(address)
    except ValueError:
        raise ApiRefusal(422, f"{field} must be an IPv4 address with a prefix length") from None
    forbidden: tuple[str, ...] = _V1_FORBIDDEN if call.api == "v1" else _V2_FORBIDDEN
    if call.cloud.switches.guide_ranges_forbidden:
        forbidden += _GUIDE_FORBIDDEN
    for block in forbidden:
        need(host.ip not in ipaddress.IPv4Network(block), f"{field} must not be inside {block}")


def check_not_reserved(name: str, field: str) -> None:
    need(name.lower() not in RESERVED_NAMES, f"{field}: the name is reserved")


def check_upgrade(record: ClusterRecord, version: str, offered: tuple[str, ...]) -> None:
    """Check a new major version: only upwards, and only to an offered one; the present one passes."""
    if version == record.version:
        return
    need(version in offered, "The PostgreSQL version is not available")
    need(int(version) > int(record.version), "The PostgreSQL version can only be raised")


def check_growth(record: ClusterRecord, storage_mb: int) -> None:
    need(storage_mb >= record.storage_mb, "The storage can only grow")


def stamp(moment: datetime, oddities: frozenset[Oddity] = frozenset()) -> str:
    """Return a time as the API prints it; samples of the guide mix several forms (notes, section 13.3)."""
    if Oddity.OFFSET_TIMES in oddities:
        return moment.astimezone(_CET).isoformat(timespec="seconds")
    plain = moment.replace(tzinfo=None)
    if Oddity.WHOLE_SECONDS in oddities:
        return f"{plain.isoformat(timespec='seconds')}Z"
    millis = plain.isoformat(timespec="milliseconds")
    return millis if Oddity.ZONELESS_TIMES in oddities else f"{millis}Z"


def trace(
    event: str, at: datetime, by: str, person: TokenOwner, oddities: frozenset[Oddity]
) -> dict[str, str]:
    """Return the metadata of “created” or “lastModified”; `by` is the person as the API writes it."""
    return {f"{event}Date": stamp(at, oddities), f"{event}By": by, f"{event}ByUserId": person.id}


def urn(person: TokenOwner) -> str:
    return f"ionos:iam:cloud::users/{person.id}"


def read_time(text: str, name: str) -> datetime:
    """Return an RFC 3339 time in UTC. Raises ApiRefusal 422 for other text, also without a zone."""
    refusal = ApiRefusal(422, f"{name} must be a time as RFC 3339 writes it, with a zone")
    if _RFC_3339.fullmatch(text) is None:
        raise refusal
    # RFC 3339 allows fractions of any length; Python reads six digits.
    trimmed = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text.upper())
    try:
        return datetime.fromisoformat(trimmed).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refusal from None


def restore_target(call: ApiCall, text: str | None, name: str) -> datetime | None:
    """Return the target time, None for the latest. Raises ApiRefusal 422 for a bad or future time."""
    if text is None:
        return None
    target = read_time(text, name)
    need(target <= call.now, f"{name} must not be in the future")
    return target


def restore_from(
    call: ApiCall, found: FoundBackup, target: datetime | None, version: str, name: str
) -> RestoreRecord:
    """Return the restore of a backup.

    Raises ApiRefusal 422 unless it is complete, covers the target and is not of a newer major version.
    """
    record, backup = found
    need(backup.recoverable_at <= call.now, "The backup cannot be restored yet: it has no base backup")
    need(int(backup.version) <= int(version), "The backup is of a newer PostgreSQL version")
    reached = target is None or backup.covers(target, call.now, record.kept)
    need(reached, f"{name} is outside the backup's time range")
    return RestoreRecord(call.now, backup.suffix, backup.cluster_id, target)
