"""What a change makes a cluster use, in numbers. No source tells a price, so none is said."""

from bot.domain.cluster import Cluster
from bot.domain.sizes import cores, gigabytes

MAX_CONNECTIONS = {4: 384, 5: 512, 6: 640, 7: 768, 8: 896}
"""Connections that a cluster takes by GB of RAM, more than 8 GB: 1000 (ionos-api-notes, section 3; v1)."""

MOST_CONNECTIONS = 1000
FOR_THE_PLATFORM = 11


def totals(after: Cluster, before: Cluster | None = None) -> str:
    """Of all instances together, as a sentence; with `before`, from what to what."""
    grows = [
        f"{was} → {is_}" if before is not None and was != is_ else is_
        for was, is_ in zip(_amounts(before or after), _amounts(after), strict=True)
    ]
    return (
        f"All instances together: {', '.join(grows)}. They are paid for, and count against the contract's "
        "limits; prices are not known here."
    )


def connections(ram_mb: int | None) -> int | None:
    """How many connections a cluster with so much RAM per instance takes, those of the platform included.

    None below 4 GB, of which no figure is published, and for an unknown amount.
    """
    whole = (ram_mb or 0) // 1024
    return MAX_CONNECTIONS.get(whole, MOST_CONNECTIONS if whole > max(MAX_CONNECTIONS) else None)


def _amounts(cluster: Cluster) -> tuple[str, str, str]:
    count = cluster.instances

    def times(each: int | None) -> int | None:
        return None if count is None or each is None else count * each

    return (
        cores(times(cluster.cores)),
        f"{gigabytes(times(cluster.ram_mb)) or '? GB'} of RAM",
        f"{gigabytes(times(cluster.storage_mb)) or '? GB'} of storage",
    )
