"""Tolerant models of answers: anything an API sends becomes a value and a list of oddities."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import NoneType
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json, to_json

from bot.domain.cluster import Api
from bot.ionos.http_errors import HttpAnswer, HttpCall, unreadable_error

_WORDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "model_type": "an object",
    "dict_type": "an object",
}


class ReadModel(BaseModel):
    """A part of an answer. Every field is optional and strictly typed; a misfit becomes an oddity.

    `expected` are the fields of every complete answer; `known` the documented values of a field. Extra
    fields are kept so that they can be named.
    """

    model_config = ConfigDict(
        extra="allow",
        strict=True,
        alias_generator=to_camel,
        hide_input_in_errors=True,
        populate_by_name=False,
        defer_build=True,
    )

    expected: ClassVar[tuple[str, ...]] = ()
    known: ClassVar[dict[str, frozenset[str]]] = {}


Item = TypeVar("Item")
Model = TypeVar("Model", bound=ReadModel)


class ListPage(ReadModel, Generic[Item]):
    """One page of a list. Its links are not read: misspelt in v1, untrue in v2 (notes section 7)."""

    type: str | None = None
    id: str | None = None
    href: str | None = None
    items: list[Item] | None = None
    offset: int | None = None
    limit: int | None = None
    links: Any = None
    links_: Any = Field(default=None, alias="_links")

    @property
    def is_page(self) -> bool:
        """True where anything but the items shows that this is a page of a list."""
        return any(part is not None for part in (self.offset, self.limit, self.links, self.links_))


@dataclass(frozen=True, slots=True)
class TolerantAnswer(Generic[Model]):
    """A parsed answer; `misfits` are the values, by path, that were dropped for their type."""

    value: Model
    misfits: tuple[str, ...] = ()

    @property
    def odd(self) -> tuple[str, ...]:
        """The parts that the API's description does not have, for people to see."""
        return (*self.misfits, *find_oddities(self.value))


@dataclass(frozen=True, slots=True)
class Entries(Generic[Model]):
    """The readable entries of one page, its number of entries, the server's page size, and its address."""

    readings: tuple[TolerantAnswer[Model], ...]
    count: int
    per_page: int | None
    href: str | None = None


def read_answer(model: type[Model], answer: HttpAnswer, call: HttpCall) -> TolerantAnswer[Model]:
    """Parse a whole answer. Raises UnreadableAnswer (a write: OutcomeUnknown) unless it is an object."""
    try:
        return TolerantAnswer(model.model_validate_json(answer.body))
    except ValidationError:
        return read_partly(model, read_object(answer, call))


@cache
def _page_of(model: type[Model]) -> type[ListPage[Model]]:
    """Return the model of a page. pydantic forgets one that nobody holds, and rebuilds it in 2 ms."""
    return ListPage[model]  # type: ignore[valid-type]


def read_page(model: type[Model], answer: HttpAnswer, call: HttpCall) -> Entries[Model]:
    """Parse one page of a list. Raises UnreadableAnswer for anything but a list."""
    try:
        page = _page_of(model).model_validate_json(answer.body)
        readings = [TolerantAnswer(entry) for entry in page.items or ()]
    except ValidationError:
        raw = read_object(answer, call)
        if not isinstance(raw.get("items"), (list, NoneType)):
            raise unreadable_error(call, "its items are not a list", answer) from None
        page = read_partly(ListPage[Any], raw).value
        readings = [read_partly(model, entry) for entry in page.items or () if isinstance(entry, dict)]
    # Only v2 may omit `items` for an empty list (notes 13.7); from v1 that is not an answer.
    if page.items is None and (call.place.api is Api.V1 or not page.is_page):
        raise unreadable_error(call, "the JSON is not a list", answer)
    return Entries(tuple(readings), len(page.items or ()), page.limit, page.href)


def read_object(answer: HttpAnswer, call: HttpCall) -> dict[str, Any]:
    """Return the JSON object unchanged. Raises UnreadableAnswer (a write: OutcomeUnknown) without one."""
    if answer.is_web_page:
        raise unreadable_error(call, "it is a web page instead of JSON", answer)
    try:
        raw = from_json(answer.body)
    except ValueError:
        raise unreadable_error(call, "the JSON is broken or cut short", answer) from None
    if not isinstance(raw, dict):
        raise unreadable_error(call, "the JSON is not an object", answer)
    return raw


def read_partly(model: type[Model], raw: dict[str, Any]) -> TolerantAnswer[Model]:
    """Read `raw` as far as possible: values of the wrong type are blanked and named."""
    misfits: list[str] = []
    while True:
        try:
            return TolerantAnswer(model.model_validate_json(to_json(raw)), tuple(misfits))
        except ValidationError as error:
            flaws = error.errors(include_url=False, include_context=False)
            misfits += [_misfit(flaw["loc"], flaw["type"], _blank(raw, flaw["loc"])) for flaw in flaws]


def find_oddities(value: ReadModel, path: str = "") -> Iterator[str]:
    """Return everything that the API's description does not have, and everything that is missing."""
    shape = _shape(type(value))
    for key in value.model_extra or ():
        yield f"{path}{_short(key)}: an unknown field"
    for name, alias in shape.expected:
        if getattr(value, name) is None:
            yield f"{path}{alias}: missing"
    for name, alias, documented in shape.known:
        word = getattr(value, name)
        if word is not None and word not in documented:
            yield f"{path}{alias}: {_short(word)!r} is not a documented value"
    for name, alias in shape.inner:
        if part := getattr(value, name):
            yield from _inner_oddities(f"{path}{alias}", part)


def _inner_oddities(path: str, part: Any) -> Iterator[str]:
    if isinstance(part, ReadModel):
        yield from find_oddities(part, f"{path}.")
        return
    for number, entry in enumerate(part):
        if isinstance(entry, ReadModel):
            yield from find_oddities(entry, f"{path}.{number}.")
        elif entry is None:
            yield f"{path}.{number}: an unreadable entry"


@dataclass(frozen=True, slots=True)
class _Shape:
    """The facts of a model that `oddities` needs, computed once: a fleet has many thousand parts."""

    expected: tuple[tuple[str, str], ...]
    known: tuple[tuple[str, str, frozenset[str]], ...]
    inner: tuple[tuple[str, str], ...]


@cache
def _shape(model: type[ReadModel]) -> _Shape:
    aliases = {name: field.alias or name for name, field in model.model_fields.items()}
    inner = [name for name, field in model.model_fields.items() if _holds_parts(field.annotation)]
    return _Shape(
        expected=tuple((name, aliases[name]) for name in model.expected),
        known=tuple((name, aliases[name], documented) for name, documented in model.known.items()),
        inner=tuple((name, aliases[name]) for name in inner),
    )


def _holds_parts(annotation: Any) -> bool:
    if get_origin(annotation) is list or (isinstance(annotation, type) and issubclass(annotation, ReadModel)):
        return True
    return any(_holds_parts(part) for part in get_args(annotation))


def as_utc(value: datetime | None) -> datetime | None:
    """Return a time in UTC; one without zone counts as UTC (notes section 13.3).

    A time before the service existed (zero, a small number) counts as no time.
    """
    if value is None or value.year < 2000:
        return None
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


def _blank(raw: Any, loc: tuple[int | str, ...]) -> Any:
    """Put None where `loc` points, and return what was there."""
    for step in loc[:-1]:
        raw = raw[step]
    was = raw[loc[-1]]
    raw[loc[-1]] = None
    return was


def _misfit(loc: tuple[int | str, ...], kind: str, was: Any) -> str:
    requested = "a time" if kind.startswith("datetime") else _WORDS.get(kind, "of the documented form")
    # Only plain numbers, words and flags are quoted; for objects, lists and credentials the type is enough.
    plain = isinstance(was, (str, int, float)) and "credentials" not in loc
    shown = _short(str(was)) if plain else type(was).__name__
    return f"{'.'.join(str(step) for step in loc)}: {shown!r} is not {requested}"


def _short(text: str) -> str:
    clean = "".join(char if char.isprintable() else "�" for char in text[:61])
    return clean if len(text) <= 60 else clean[:59] + "…"
