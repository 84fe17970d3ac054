"""Comparison of the v1 and v2 views of one cluster, field by field, in the same units.

Source: v1-v2-mapping, section 3.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum

from bot.domain.byte_sizes import MB_PER_GB, format_gigabytes
from bot.domain.cluster import Api, Cluster, Connection, MaintenanceWindow
from bot.domain.cluster_properties import AMOUNTS, one_sided_properties
from migrations.rules import pgr010_ram_below_minimum, pgr014_storage_below_minimum
from migrations.rules.pgr040_name_breaks_v2_rule import FITS_V2


class DifferenceMeaning(StrEnum):
    """Meanings of a difference. All but the first are worth an alarm."""

    EXPECTED = "expected by the mapping"
    LOST = "lost"
    UNEXPECTED = "unexpected"


def explain_difference(name: str, before: object, after: object) -> tuple[DifferenceMeaning, str]:
    """Return what the difference of a field means, and why. Sizes in MB."""
    judge = _EXPLANATIONS.get(name)
    judged = judge(before, after) if judge else None
    if judged is not None:
        return judged
    if after in (None, (), ""):
        return DifferenceMeaning.LOST, "v2's response does not include it"
    if before in (None, (), ""):
        why = "v1's response does not include it, so we can't tell whether it changed"
        return DifferenceMeaning.UNEXPECTED, why
    return DifferenceMeaning.UNEXPECTED, _DEFAULT_REASONS.get(name, "the mapping keeps it unchanged")


_DEFAULT_REASONS = {
    "id": "IONOS's tools expect the same id in v1 and v2, so this may be another cluster",
    "state": "v1 and v2 were read one after the other, so check again before you act on it",
    "backup_location": "IONOS does not document where v2 keeps the backups of a moved cluster",
    "backup_retention_days": "v1 keeps backups for 7 days",
    "dns_name": "clients that use the old host name may no longer reach the cluster",
    "created_at": "IONOS does not document whether v2 keeps v1's dates",
    "created_by": "IONOS does not document whether v2 keeps v1's authors",
}

_Explained = tuple[DifferenceMeaning, str] | None


def _explain_count(before: object, after: object) -> _Explained:
    less = isinstance(before, int) and isinstance(after, int) and after < before
    return (DifferenceMeaning.LOST, "v2 shows less than v1") if less else None


def _explain_amount(least_mb: int) -> Callable[[object, object], _Explained]:
    def judge(before: object, after: object) -> _Explained:
        if isinstance(before, int) and after == max(-(-before // MB_PER_GB) * MB_PER_GB, least_mb):
            return DifferenceMeaning.EXPECTED, "v2 counts whole GB and has a minimum, so it was rounded up"
        return _explain_count(before, after)

    return judge


def _explain_name(before: object, after: object) -> _Explained:
    if not before or not after or FITS_V2.fullmatch(str(before)):
        return None
    return DifferenceMeaning.EXPECTED, "v2 does not allow the old name"


def _explain_replication(before: object, after: object) -> _Explained:
    why = "v2 has no SYNCHRONOUS mode: a failover can now lose the newest transactions"
    return (DifferenceMeaning.LOST, why) if (before, after) == ("SYNCHRONOUS", "ASYNCHRONOUS") else None


def _explain_window(before: object, after: object) -> _Explained:
    why = "v2 requires a maintenance window, and v1's response had none"
    return (DifferenceMeaning.EXPECTED, why) if before is None and after is not None else None


def _explain_modification(_before: object, _after: object) -> _Explained:
    return DifferenceMeaning.EXPECTED, "the move itself changes it"


_EXPLANATIONS: dict[str, Callable[[object, object], _Explained]] = {
    "name": _explain_name,
    "instances": _explain_count,
    "cores": _explain_count,
    "ram_mb": _explain_amount(pgr010_ram_below_minimum.MINIMUM_MB),
    "storage_mb": _explain_amount(pgr014_storage_below_minimum.MINIMUM_MB),
    "replication": _explain_replication,
    "maintenance": _explain_window,
    "modified_at": _explain_modification,
    "modified_by": _explain_modification,
}


V1_RETENTION_DAYS = 7
"""v1 keeps backups for seven days and has no field for it."""

NOT_IN_V2 = one_sided_properties(Api.V2)
NOT_IN_V1 = {**one_sided_properties(Api.V1), "status_message": "v1 has no status message"}
NOT_COMPARED = {
    "api": "the API generation that was read",
    "also_in": "the API generation that was read",
    "oddities": "about the response, not the cluster",
    "primary_user": "v1 lists its users but not which one is primary",
}

STATES = {"BUSY": ("PROVISIONING", "UPDATING")}
"""v1's word and v2's; the words that both have mean the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field of `bot.domain.cluster.Cluster` on which the twins do not agree, as words for a person."""

    field: str
    before: str
    after: str
    meaning: DifferenceMeaning
    why: str

    @property
    def is_alarm(self) -> bool:
        """Return whether somebody should look at it."""
        return self.meaning is not DifferenceMeaning.EXPECTED


def compare_clusters(v1: Cluster, v2: Cluster) -> tuple[Difference, ...]:
    """Return every difference, in the order of the domain's fields. Raises ValueError for the wrong
    generations.

    A field that only one API has makes no difference: `list_one_sided` has it.
    """
    if v1.api is not Api.V1 or v2.api is not Api.V2:
        raise ValueError("compare a v1 cluster with a v2 cluster, in this order")
    names = (each.name for each in fields(Cluster) if each.name not in NOT_COMPARED)
    found = (_compare_field(name, v1, v2) for name in names)
    return tuple(each for each in found if each is not None)


def list_one_sided(v1: Cluster, v2: Cluster) -> tuple[str, ...]:
    """Say in a sentence each what is stated and cannot be compared, because only one of the two APIs has
    it."""
    old = [why for name, why in NOT_IN_V2.items() if _is_one_sided(name, v1, v2) and getattr(v1, name)]
    new = [why for name, why in NOT_IN_V1.items() if _is_one_sided(name, v1, v2) and getattr(v2, name)]
    return (*old, *new)


def _is_one_sided(name: str, v1: Cluster, v2: Cluster) -> bool:
    # Should an API begin to show the field, it is compared like any other.
    absent = v2 if name in NOT_IN_V2 else v1 if name in NOT_IN_V1 else None
    return absent is not None and getattr(absent, name) is None


def _compare_field(name: str, v1: Cluster, v2: Cluster) -> Difference | None:
    if _is_one_sided(name, v1, v2):
        return None
    before, after = getattr(v1, name), getattr(v2, name)
    if name == "backup_retention_days" and before is None:
        before = V1_RETENTION_DAYS
    if _is_same(name, before, after):
        return None
    meaning, why = explain_difference(name, before, after)
    return Difference(
        field=name,
        before=_describe_value(name, before),
        after=_describe_value(name, after),
        meaning=meaning,
        why=why,
    )


def _is_same(name: str, before: object, after: object) -> bool:
    if name == "state":
        return after in STATES.get(str(before), (before,))
    alike = _NORMALIZED.get(name)
    return before == after if alike is None else alike(before) == alike(after)


def _fold(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _normalize_host(value: object) -> object:
    return value.casefold().rstrip(".") if isinstance(value, str) else value


def _normalize_region(value: object) -> object:
    # v2 has one host for de/fra and de/fra/2, and no field that distinguishes them.
    return "/".join(value.casefold().split("/")[:2]) if isinstance(value, str) else value


def _normalize_pooler(value: object) -> object:
    """Return a comparable mode. Absent is off in both; on v1, on without a mode is transaction, the
    default."""
    if value is None:
        return "disabled"
    return "transaction" if value == "" else _fold(value)


def _normalize_networks(value: object) -> object:
    if not isinstance(value, tuple):
        return value
    connections = (each for each in value if isinstance(each, Connection))
    return tuple((_fold(each.datacenter_id), each.lan_id, each.address) for each in connections)


_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?Z?")


def _normalize_window(value: object) -> object:
    if not isinstance(value, MaintenanceWindow):
        return value
    form = _TIME.fullmatch(value.time or "")
    time = tuple(int(part or 0) for part in form.groups()) if form else value.time
    return _fold(value.day), time


_NORMALIZED: dict[str, Callable[[object], object]] = {
    "id": _fold,
    "region": _normalize_region,
    "dns_name": _normalize_host,
    "pooler": _normalize_pooler,
    "connections": _normalize_networks,
    "maintenance": _normalize_window,
}


def _describe_value(name: str, value: object) -> str:
    if value in (None, (), ""):
        return "not stated"
    if name in AMOUNTS and isinstance(value, int):
        return format_gigabytes(value) or ""
    if name == "connections" and isinstance(value, tuple):
        return ", ".join(f"{each.datacenter_id} LAN {each.lan_id} {each.address}" for each in value)
    return str(value)
