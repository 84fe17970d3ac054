"""Amounts in words: MB as people read them, and the size of a cluster's instances."""

from bot.domain.cluster import Cluster
from bot.domain.phrases import counted

MB_PER_GB = 1024
"""As IONOS's own tools count, for both APIs (ionos-api-notes, section 3)."""


def gigabytes(megabytes: int | None) -> str | None:
    """`20 GB`, or `30480 MB` where it is no whole number of GB. None stays None: the answer did not say."""
    if megabytes is None:
        return None
    whole, rest = divmod(megabytes, MB_PER_GB)
    return f"{megabytes} MB" if rest else f"{whole} GB"


def cores(number: int | None) -> str:
    """`1 core`, `4 cores`, `? cores`."""
    return "? cores" if number is None else counted(number, "core")


def size(cluster: Cluster) -> str | None:
    """`2 × 4 cores, 8 GB`: number of instances, and what each has."""
    if cluster.instances is None and cluster.cores is None and cluster.ram_mb is None:
        return None
    instances = "?" if cluster.instances is None else cluster.instances
    return f"{instances} × {cores(cluster.cores)}, {gigabytes(cluster.ram_mb) or '? GB'}"
