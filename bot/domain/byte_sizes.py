"""Sizes in GB as people type them, in MB as IONOS counts them; those of instances and clusters in words."""

import re
from dataclasses import dataclass
from fractions import Fraction

from bot.domain.cluster import Cluster
from bot.domain.phrases import format_count

MB_PER_GB = 1024
"""Counted so by IONOS's own tools, for both APIs (ionos-api-notes, section 3)."""


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """Marks a field that is a size in GB. `least` and `most` are the widest that either API documents."""

    least: int
    most: int


RAM = SizeLimits(least=4, most=240)
"""Of an instance: v1 publishes no maximum, v2 takes 4 to 240 (specifications of both)."""

STORAGE = SizeLimits(least=10, most=4096)
"""Of an instance: v1 takes 10 to 2048, v2 takes 10 to 4096 (specifications of both)."""

_LEAST_EVER = 2048
"""MB: what v1 once took as the least, for RAM and for storage (ionos-api-notes, section 3)."""

_TYPED = re.compile(
    r"(?P<number>-?[0-9]{1,12})(?:(?P<mark>[.,])(?P<part>[0-9]{1,6}))?\s?"
    r"(?P<unit>[mgt](?:i?b)?|(?:mega|giga|tera)bytes?)?"
)
UNIT = re.compile(r"[mgt](?:i?b)?|(?:mega|giga|tera)bytes?")
"""A unit of its own, in small letters: `GB` behind a blank."""

_MB = {"m": 1, "g": MB_PER_GB, "t": MB_PER_GB * MB_PER_GB}
_THOUSANDS = 3


class UnlikelySize(ValueError):
    """A number that is taken for GB, and would be too much by far. `meant` is in GB, None for nothing that
    the APIs take."""

    def __init__(self, size_gb: int, limits: SizeLimits) -> None:
        meant = -(-size_gb // MB_PER_GB)
        self.meant = meant if meant >= limits.least else None
        self.reason = f"that would be {size_gb:,} GB, and the maximum is {limits.most:,} GB"
        self.question = f"Did you mean {meant} GB ({meant * MB_PER_GB} MB)?"
        if self.meant is None:
            self.question += f" The minimum is {limits.least} GB."
        super().__init__(f"{self.reason}. {self.question}".removesuffix("."))


def parse_gigabytes(typed: object, limits: SizeLimits | None = None) -> object:
    """Return the whole number of GB in `16`, `16 GB`, `16384MB` or `1.5TB`; anything but text as it is.

    Made to validate before pydantic does. Raises ValueError for what is not a whole number of GB or can be
    read in two ways, and UnlikelySize for what may have been meant as MB.
    """
    if isinstance(typed, str):
        match = _TYPED.fullmatch(typed.strip().casefold())
        if match is None:
            raise ValueError("it must be a whole number with a unit, such as 8 GB")
        if len(match["part"] or "") == _THOUSANDS:
            raise ValueError(f"“{match['mark']}” can mark thousands or decimals; leave it out")
        unit = (match["unit"] or "g")[0]
        found = _whole_gigabytes(Fraction(f"{match['number']}.{match['part'] or '0'}") * _MB[unit])
        is_doubtful = unit == "g"
    elif isinstance(typed, int) and not isinstance(typed, bool):
        found, is_doubtful = typed, True
    else:
        return typed
    if limits and is_doubtful and found > limits.most and found >= _LEAST_EVER:
        raise UnlikelySize(found, limits)
    return found


def _whole_gigabytes(megabytes: Fraction) -> int:
    whole, rest = divmod(megabytes, MB_PER_GB)
    if rest:
        near = [f"{each} GB ({each * MB_PER_GB} MB)" for each in (whole, whole + 1) if each > 0]
        raise ValueError(f"it must be a whole number of GB, such as {' or '.join(near) or '1 GB'}")
    return whole


def format_gigabytes(megabytes: int | None) -> str | None:
    """Return `20 GB`, or `30480 MB` where that is not whole. None stays None: the API did not say."""
    if megabytes is None:
        return None
    whole, rest = divmod(megabytes, MB_PER_GB)
    return f"{megabytes} MB" if rest else f"{whole} GB"


def format_cores(number: int | None) -> str:
    """Return `1 core`, `4 cores`, `? cores`."""
    return "? cores" if number is None else format_count(number, "core")


def describe_size(cluster: Cluster) -> str | None:
    """Return `2 × 4 cores, 8 GB`: the number of instances, and what each has. None: the API says nothing."""
    if cluster.instances is None and cluster.cores is None and cluster.ram_mb is None:
        return None
    instances = "?" if cluster.instances is None else cluster.instances
    return f"{instances} × {format_cores(cluster.cores)}, {format_gigabytes(cluster.ram_mb) or '? GB'}"


MAX_CONNECTIONS = {4: 384, 5: 512, 6: 640, 7: 768, 8: 896}
"""Maximum connections by GB of RAM; above 8 GB, 1000 (ionos-api-notes, section 3; v1)."""

MOST_CONNECTIONS = 1000
FOR_THE_PLATFORM = 11


def describe_totals(after: Cluster, before: Cluster | None = None) -> str:
    """Return the totals of all instances as a sentence; with `before`, the old and new values."""
    grows = [
        f"{was} → {is_}" if before is not None and was != is_ else is_
        for was, is_ in zip(_total_amounts(before or after), _total_amounts(after), strict=True)
    ]
    return (
        f"All instances together: {', '.join(grows)}. They are billed, and count toward the contract's "
        "limits. The bot does not know prices."
    )


def max_connections(ram_mb: int | None) -> int | None:
    """Return the maximum connections for this RAM per instance, the platform's own included.

    Return None below 4 GB, for which no figure is published, and for an unknown amount.
    """
    whole = (ram_mb or 0) // 1024
    return MAX_CONNECTIONS.get(whole, MOST_CONNECTIONS if whole > max(MAX_CONNECTIONS) else None)


def _total_amounts(cluster: Cluster) -> tuple[str, str, str]:
    cores, ram, storage = (
        None if cluster.instances is None or each is None else cluster.instances * each
        for each in (cluster.cores, cluster.ram_mb, cluster.storage_mb)
    )
    return (
        format_cores(cores),
        f"{format_gigabytes(ram) or '? GB'} of RAM",
        f"{format_gigabytes(storage) or '? GB'} of storage",
    )
