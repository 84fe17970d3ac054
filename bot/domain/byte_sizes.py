"""Sizes in GB as people type them, in MB as IONOS counts them, and of instances in words."""

import re

from bot.domain.cluster import Cluster
from bot.domain.phrases import format_count

MB_PER_GB = 1024
"""Counted so by IONOS's own tools, for both APIs (ionos-api-notes, section 3)."""


_TYPED = re.compile(r"(?P<number>[0-9]+) ?(?P<unit>[mgt])i?b?")
_MB = {"m": 1, "g": MB_PER_GB, "t": MB_PER_GB * MB_PER_GB}


def parse_gigabytes(typed: object) -> object:
    """Return the whole number of GB in `16`, `16 GB`, `16384 MB` or `1TB`; anything else as it is.

    Made to validate before pydantic does. Raises ValueError for what is not a whole number of GB.
    """
    match = _TYPED.fullmatch(typed.strip().casefold()) if isinstance(typed, str) else None
    if match is None:
        return typed
    whole, rest = divmod(int(match["number"]) * _MB[match["unit"]], MB_PER_GB)
    if rest:
        raise ValueError("it must be a whole number of GB")
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
