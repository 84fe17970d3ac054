"""Resource totals of a cluster before and after a change. Prices are not known here."""

from bot.domain.byte_sizes import format_cores, format_gigabytes
from bot.domain.cluster import Cluster

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
    count = cluster.instances

    def times(each: int | None) -> int | None:
        return None if count is None or each is None else count * each

    return (
        format_cores(times(cluster.cores)),
        f"{format_gigabytes(times(cluster.ram_mb)) or '? GB'} of RAM",
        f"{format_gigabytes(times(cluster.storage_mb)) or '? GB'} of storage",
    )
