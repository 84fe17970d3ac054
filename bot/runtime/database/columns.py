"""Conversions between values and the columns they are stored in."""

from datetime import UTC, datetime


def text(at: datetime) -> str:
    """Return a time as stored: ISO 8601, UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def moment(text: str) -> datetime:
    """Return a stored time. Raises ValueError for anything else."""
    return datetime.fromisoformat(text)
