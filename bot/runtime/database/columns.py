"""Conversions between values and the columns that hold them.

A column of times has one precision in all of its rows, so that comparing text compares times.
"""

import json
from datetime import UTC, datetime
from enum import Enum
from typing import Literal

Precision = Literal["seconds", "milliseconds", "microseconds"]


def time_to_text(at: datetime, precision: Precision = "milliseconds") -> str:
    """Return a time as stored: ISO 8601, UTC."""
    return at.astimezone(UTC).isoformat(timespec=precision)


def text_to_time(text: str) -> datetime:
    """Return a stored time. Raises ValueError for anything else."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a stored time has a zone")
    return at


def optional_time(text: str | None) -> datetime | None:
    """Return a stored time, or None for an empty column."""
    return text_to_time(text) if text else None


def to_column(value: object, precision: Precision = "milliseconds") -> object:
    """Return any value as stored: times and enumerations as text, tuples as JSON."""
    if isinstance(value, datetime):
        return time_to_text(value, precision)
    if isinstance(value, Enum):
        return value.value
    return json.dumps(value) if isinstance(value, tuple) else value
