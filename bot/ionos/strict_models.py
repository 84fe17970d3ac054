"""Strict models of requests: the API's published limits, checked before any call."""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, field_serializer
from pydantic.alias_generators import to_camel

from bot.domain.errors import BadArgument

RESERVED_USERS = frozenset({"postgres", "admin", "standby"})
"""Names reserved by the platform (notes section 9; the published list is incomplete)."""

POOLER_WORDS = ("disabled", "transaction", "session")

_PREFIX = re.compile(r"/(?:0|[1-9][0-9]?)\Z")

Body = TypeVar("Body", bound="SendModel")


class SendModel(BaseModel):
    """A part of a request, without extra fields; a field's description is its rule in words."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=to_camel, populate_by_name=True,
        hide_input_in_errors=True, defer_build=True,
    )  # fmt: skip

    @field_serializer("password", when_used="json", check_fields=False)
    def _reveal(self, password: SecretStr) -> str:
        return password.get_secret_value()

    def body(self) -> dict[str, Any]:
        """Return the JSON object, without unset fields."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def build_checked(model: type[Body], **values: Any) -> Body:
    """Build a part of a request. Raises BadArgument with every broken rule, never the values."""
    try:
        return model(**values)
    except ValidationError as error:
        rules = list(dict.fromkeys(_rule(model, flaw["loc"]) for flaw in error.errors(include_input=False)))
        raise BadArgument(f"{'; '.join(rules)}.") from None


def check_address(address: str | None, forbidden: Sequence[str]) -> str:
    """Return a primary's address with its prefix length. Raises BadArgument otherwise."""
    try:
        interface = ipaddress.IPv4Interface(address or "")
    except ValueError:
        interface = None
    # The library also accepts a netmask after the slash, which neither API does.
    if interface is None or not _PREFIX.search(address or ""):
        raise BadArgument(
            "The primary's address must be IPv4 with its prefix length, such as 192.168.1.100/24."
        )
    for taken in forbidden:
        if interface.ip in ipaddress.IPv4Network(taken):
            raise BadArgument(
                f"The primary's address must not be inside {taken}: the platform uses that range."
            )
    return address or ""


def check_user_name(name: str) -> str:
    """Return a database user's name. Raises BadArgument for a reserved one."""
    if name.lower() in RESERVED_USERS:
        raise BadArgument(
            f"The user name {name.lower()} is reserved by the platform.", "Choose another name."
        )
    return name


def check_pooler(word: str) -> str:
    """Return disabled, transaction or session, given in any case. Raises BadArgument for another word."""
    if word.lower() not in POOLER_WORDS:
        raise BadArgument("The connection pooler is one of: disabled, transaction, session.")
    return word.lower()


def format_time(at: datetime) -> str:
    """Return a time as RFC 3339 in UTC, for both APIs. Raises BadArgument for a time without zone."""
    if at.tzinfo is None:
        raise BadArgument("A time needs its zone, such as 2026-11-20T10:00Z.")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _rule(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    described = [text for text in _descriptions(model, loc) if text]
    return described[-1] if described else f"{'.'.join(str(step) for step in loc)} is not as the API wants it"


def _descriptions(model: type[BaseModel], loc: tuple[int | str, ...]) -> Iterator[str | None]:
    for step in loc:
        names = {field.alias or name: field for name, field in model.model_fields.items()}
        field = names.get(str(step)) or model.model_fields.get(str(step))
        if field is None:
            return
        yield field.description
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return
        model = field.annotation
