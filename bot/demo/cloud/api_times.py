"""Times as the APIs write and read them."""

import re
from datetime import UTC, datetime, timedelta, timezone

from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.refusals import ApiRefusal

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_CET = timezone(timedelta(hours=1))


def stamp(moment: datetime, oddities: frozenset[Oddity] = frozenset()) -> str:
    """Return a time as the API prints it; samples of the guide mix several forms (notes, section 13.3)."""
    if Oddity.OFFSET_TIMES in oddities:
        return moment.astimezone(_CET).isoformat(timespec="seconds")
    if Oddity.WHOLE_SECONDS in oddities:
        return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    millis = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}"
    return millis if Oddity.ZONELESS_TIMES in oddities else f"{millis}Z"


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
