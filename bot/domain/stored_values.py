"""Values as they are stored: frozen models, conversions, canonical JSON, and digests to compare them by."""

import hashlib
import json
from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter

T = TypeVar("T")

Provenance = Mapping[str, str]
"""What a stored value was derived from: a digest for each part, such as `command` or `accounts`; empty for
what earlier releases stored. Values of different provenance are never compared."""

_DIGITS = 16


class FrozenModel(BaseModel):
    """A frozen model that takes no unknown keys, and whose errors hold no input: it may be a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)


def adapter_of(kind: type[T]) -> TypeAdapter[T]:
    """Return the adapter that reads and writes values of a type: made with the first, not with an import."""
    return _make_adapter(cast("Hashable", kind))


@cache
def _make_adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("Any", kind))


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys and no blanks: equal values give equal text on every machine."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def json_sha256(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON, as other rows and programs compute it."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def digest_value(value: Any) -> str:
    """Return a short form of `json_sha256`."""
    return json_sha256(value)[:_DIGITS]


def changed_parts(before: Provenance, now: Provenance) -> tuple[str, ...]:
    """Return the names of the parts that differ; empty exactly if both values can be compared."""
    return tuple(name for name in {**now, **before} if before.get(name) != now.get(name))
