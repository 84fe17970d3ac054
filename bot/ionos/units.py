"""Megabytes and gigabytes: v1 counts in MB, v2 in GB, and 1 GB is 1024 MB for both (notes section 3)."""

MB_PER_GB = 1024


def gb_to_mb(gigabytes: int) -> int:
    """Return GB as MB."""
    return gigabytes * MB_PER_GB


def mb_to_gb_up(megabytes: int) -> int:
    """Return MB as GB, rounded up: storage can grow and never shrinks."""
    return -(-megabytes // MB_PER_GB)


def is_whole_gb(megabytes: int) -> bool:
    """Return whether MB convert to GB without rounding."""
    return megabytes % MB_PER_GB == 0
