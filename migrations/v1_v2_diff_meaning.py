"""Meanings of differences between the twins: expected by the mapping, lost, or unexpected.

Sources: v1-v2-mapping, section 3 for the fields, section 1 for what is not known of the vendor's own move.
"""

from collections.abc import Callable
from enum import StrEnum

from migrations.rules.pgr040_name_breaks_v2_rule import FITS_V2

MB_PER_GB = 1024
LEAST_RAM_MB = 4 * MB_PER_GB
LEAST_STORAGE_MB = 10 * MB_PER_GB
"""v2's minima per instance (ionos-v2.openapi.yaml, InstanceConfiguration)."""


class DifferenceMeaning(StrEnum):
    """The meaning of a difference. All but the first are worth an alarm."""

    EXPECTED = "expected by the mapping"
    LOST = "lost"
    UNEXPECTED = "unexpected"


def meaning_of(name: str, before: object, after: object) -> tuple[DifferenceMeaning, str]:
    """Return what it means that the field differs, and why. Amounts in MB."""
    judge = _JUDGES.get(name)
    judged = judge(before, after) if judge else None
    if judged is not None:
        return judged
    if after in (None, (), ""):
        return DifferenceMeaning.LOST, "v2's answer does not say it"
    if before in (None, (), ""):
        return (
            DifferenceMeaning.UNEXPECTED,
            "v1's answer does not say it, so nobody can tell whether it changed",
        )
    return DifferenceMeaning.UNEXPECTED, _WHY.get(name, "the mapping carries it over unchanged")


_WHY = {
    "id": "IONOS's tools expect the same id on both sides: this may be another cluster",
    "state": "the two were read one after the other: look again before acting on it",
    "backup_location": "where v2 keeps the backups of a moved cluster is not documented",
    "backup_retention_days": "v1 keeps backups for 7 days",
    "dns_name": "clients that use the old host name may no longer reach the cluster",
    "created_at": "whether v2 keeps v1's dates is not documented",
    "created_by": "whether v2 keeps v1's authors is not documented",
}

_Judged = tuple[DifferenceMeaning, str] | None


def _of_count(before: object, after: object) -> _Judged:
    less = isinstance(before, int) and isinstance(after, int) and after < before
    return (DifferenceMeaning.LOST, "v2 shows less than v1") if less else None


def _of_amount(least_mb: int) -> Callable[[object, object], _Judged]:
    def judge(before: object, after: object) -> _Judged:
        if isinstance(before, int) and after == max(-(-before // MB_PER_GB) * MB_PER_GB, least_mb):
            return DifferenceMeaning.EXPECTED, "v2 counts whole GB and has a minimum, so it was rounded up"
        return _of_count(before, after)

    return judge


def _of_name(before: object, after: object) -> _Judged:
    if not before or not after or FITS_V2.fullmatch(str(before)):
        return None
    return DifferenceMeaning.EXPECTED, "v2 does not allow the old name"


def _of_replication(before: object, after: object) -> _Judged:
    if (before, after) == ("SYNCHRONOUS", "ASYNCHRONOUS"):
        return (
            DifferenceMeaning.LOST,
            "v2 has no SYNCHRONOUS: a failover can now lose the newest transactions",
        )
    return None


def _of_window(before: object, after: object) -> _Judged:
    if before is None and after is not None:
        return DifferenceMeaning.EXPECTED, "v2 demands a maintenance window, and v1's answer had none"
    return None


def _of_modification(_before: object, _after: object) -> _Judged:
    return DifferenceMeaning.EXPECTED, "the move itself is a modification"


_JUDGES: dict[str, Callable[[object, object], _Judged]] = {
    "name": _of_name,
    "instances": _of_count,
    "cores": _of_count,
    "ram_mb": _of_amount(LEAST_RAM_MB),
    "storage_mb": _of_amount(LEAST_STORAGE_MB),
    "replication": _of_replication,
    "maintenance": _of_window,
    "modified_at": _of_modification,
    "modified_by": _of_modification,
}
