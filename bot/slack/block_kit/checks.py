"""The small checks that block shapes are put together from: each yields what is wrong, and where."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for Slack to refuse a message or view; `code` is the word that Slack would use."""

    path: str
    sentence: str
    code: str = "invalid_blocks"

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence} ({self.code})"


Check: TypeAlias = Callable[[Any, str], Iterator[Problem]]
Shapes: TypeAlias = Mapping[str, Check]


def string(most: int | None = None, least: int = 1) -> Check:
    """Text of at most `most` characters; unless it may be empty, one of them must be visible."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(path, "not a string")
        elif least and not value.strip():
            yield Problem(path, "empty")
        elif most is not None and len(value) > most:
            yield Problem(path, f"{len(value):,} characters, at most {most:,}")

    return check


def literal(value: Any, path: str) -> Iterator[Problem]:
    """Text of one character or more, blanks included."""
    if not isinstance(value, str) or not value:
        yield Problem(path, "not a string of one character or more")


def boolean(value: Any, path: str) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem(path, "not a boolean")


def number(least: float | None = None, most: float | None = None) -> Check:
    """A number within the bounds, both included."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, int | float) or isinstance(value, bool):
            yield Problem(path, "not a number")
        elif (least is not None and value < least) or (most is not None and value > most):
            yield Problem(path, f"{value} is not within {least} and {most}")

    return check


def word(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem(path, f"not one of {', '.join(allowed)}")

    return check


def array(of: Check, most: int | None = None, least: int = 1) -> Check:
    """A list whose every element passes `of`."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, list | tuple):
            yield Problem(path, "not a list")
            return
        if len(value) < least or (most is not None and len(value) > most):
            yield Problem(path, f"{len(value):,} elements, {least:,} to {most or 'any number'} allowed")
        for index, element in enumerate(value):
            yield from of(element, f"{path}[{index}]")

    return check


def shape(required: Shapes, optional: Shapes | None = None) -> Check:
    """An object with these keys and no others; `type` is looked at by `typed`."""
    known = {**required, **(optional or {})}

    def check(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(path, "not an object")
            return
        for key in required.keys() - value.keys():
            yield Problem(f"{path}.{key}", "missing")
        for key, element in value.items():
            if key in known:
                yield from known[key](element, f"{path}.{key}")
            elif key != "type":
                yield Problem(f"{path}.{key}", "not known here")

    return check


def typed(shapes: Shapes, *allowed: str) -> Check:
    """An object whose `type` says which of the `shapes` it has; all of them, or the `allowed` ones."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, Mapping) else None
        if not isinstance(kind, str) or kind not in shapes or (allowed and kind not in allowed):
            yield Problem(path, f"{kind or 'something without a type'} is not allowed here")
        else:
            yield from shapes[kind](value, path)

    return check


def every(*checks: Check) -> Check:
    """All of several checks on the same value."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        for one in checks:
            yield from one(value, path)

    return check
