"""Times as the APIs write and read them."""

import re
from datetime import UTC, datetime, timedelta, timezone

from bot.demo.cloud.records import ClusterRecord, Quirk
from bot.demo.cloud.refusals import ApiRefusal

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_CET = timezone(timedelta(hours=1))


def stamp(moment: datetime, quirks: frozenset[Quirk] = frozenset()) -> str:
    """Return a time as the API prints it; samples of the guide mix several forms (notes, section 13.3)."""
    if Quirk.OFFSET_TIMES in quirks:
        return moment.astimezone(_CET).isoformat(timespec="seconds")
    if Quirk.WHOLE_SECONDS in quirks:
        return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    millis = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}"
    return millis if Quirk.ZONELESS_TIMES in quirks else f"{millis}Z"


def stamp_or_none(moment: datetime | None, record: ClusterRecord) -> str | None:
    """Return the time in the form of this cluster's answers."""
    return None if moment is None else stamp(moment, record.quirks)


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
