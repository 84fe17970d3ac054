"""Provenance: what a stored value was derived from. Values of different provenance are never compared."""

import hashlib
from collections.abc import Mapping

from bot.domain.plan import canonical_json

Provenance = Mapping[str, str]
"""A digest for each part, such as `command` or `accounts`; empty for what earlier releases stored."""

_DIGITS = 16


def digest_value(value: object) -> str:
    """Return a short SHA-256 of plain values, the same on every machine."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:_DIGITS]


def changed_parts(before: Provenance, now: Provenance) -> tuple[str, ...]:
    """Return the names of the parts that differ; empty exactly if both values can be compared."""
    return tuple(name for name in {**now, **before} if before.get(name) != now.get(name))
