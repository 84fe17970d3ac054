"""Conversions of stored values: each is made with the first value of its type, not with an import."""

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


def adapter_of(kind: type[T]) -> TypeAdapter[T]:
    """Return the adapter that reads and writes values of a type."""
    return _make_adapter(cast("Hashable", kind))


@cache
def _make_adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("Any", kind))
