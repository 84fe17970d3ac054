"""The twin check: what v1 and v2 show of one cluster, field by field, in the same units.

Source: v1-v2-mapping, section 3.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields

from bot.domain.byte_sizes import gigabytes
from bot.domain.cluster import Api, Cluster, Connection, MaintenanceWindow
from bot.domain.cluster_properties import AMOUNTS, one_sided_properties
from migrations.v1_v2_diff_meaning import DifferenceMeaning, meaning_of

V1_RETENTION_DAYS = 7
"""v1 keeps backups for seven days and has no field for it."""

NOT_IN_V2 = one_sided_properties(Api.V2)
NOT_IN_V1 = {**one_sided_properties(Api.V1), "status_message": "v1 has no status message"}
NOT_COMPARED = {
    "api": "the generation that was asked",
    "also_in": "the generation that was asked",
    "oddities": "the form of an answer, not the cluster",
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
        """Whether somebody should look at it."""
        return self.meaning is not DifferenceMeaning.EXPECTED


def compare(v1: Cluster, v2: Cluster) -> tuple[Difference, ...]:
    """Return every difference, in the domain's order. Raises ValueError for the wrong generations.

    A field that only one API has makes no difference: `one_sided` says it.
    """
    if v1.api is not Api.V1 or v2.api is not Api.V2:
        raise ValueError("the twin check compares a cluster of v1 with one of v2, in this order")
    names = (each.name for each in fields(Cluster) if each.name not in NOT_COMPARED)
    found = (_difference(name, v1, v2) for name in names)
    return tuple(each for each in found if each is not None)


def one_sided(v1: Cluster, v2: Cluster) -> tuple[str, ...]:
    """Return what is stated and cannot be compared, as only one of the two APIs has it: a sentence each."""
    old = [why for name, why in NOT_IN_V2.items() if _is_one_sided(name, v1, v2) and getattr(v1, name)]
    new = [why for name, why in NOT_IN_V1.items() if _is_one_sided(name, v1, v2) and getattr(v2, name)]
    return (*old, *new)


def _is_one_sided(name: str, v1: Cluster, v2: Cluster) -> bool:
    # Should an API begin to show the field, it is compared like any other.
    absent = v2 if name in NOT_IN_V2 else v1 if name in NOT_IN_V1 else None
    return absent is not None and getattr(absent, name) is None


def _difference(name: str, v1: Cluster, v2: Cluster) -> Difference | None:
    if _is_one_sided(name, v1, v2):
        return None
    before, after = getattr(v1, name), getattr(v2, name)
    if name == "backup_retention_days" and before is None:
        before = V1_RETENTION_DAYS
    if _same(name, before, after):
        return None
    meaning, why = meaning_of(name, before, after)
    return Difference(
        field=name, before=_words(name, before), after=_words(name, after), meaning=meaning, why=why
    )


def _same(name: str, before: object, after: object) -> bool:
    if name == "state":
        return after in STATES.get(str(before), (before,))
    alike = _ALIKE.get(name)
    return before == after if alike is None else alike(before) == alike(after)


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _host(value: object) -> object:
    return value.casefold().rstrip(".") if isinstance(value, str) else value


def _region(value: object) -> object:
    # v2 has one host for de/fra and de/fra/2, and no field that would tell the two apart.
    return "/".join(value.casefold().split("/")[:2]) if isinstance(value, str) else value


def _pooler(value: object) -> object:
    """Return the mode: absent is off in both; on v1, on without a mode is transaction, the default."""
    if value is None:
        return "disabled"
    return "transaction" if value == "" else _folded(value)


def _networks(value: object) -> object:
    if not isinstance(value, tuple):
        return value
    connections = (each for each in value if isinstance(each, Connection))
    return tuple((_folded(each.datacenter_id), each.lan_id, each.address) for each in connections)


_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?Z?")


def _window(value: object) -> object:
    if not isinstance(value, MaintenanceWindow):
        return value
    form = _TIME.fullmatch(value.time or "")
    time = tuple(int(part or 0) for part in form.groups()) if form else value.time
    return _folded(value.day), time


_ALIKE: dict[str, Callable[[object], object]] = {
    "id": _folded,
    "region": _region,
    "dns_name": _host,
    "pooler": _pooler,
    "connections": _networks,
    "maintenance": _window,
}


def _words(name: str, value: object) -> str:
    if value in (None, (), ""):
        return "not stated"
    if name in AMOUNTS and isinstance(value, int):
        return gigabytes(value) or ""
    if name == "connections" and isinstance(value, tuple):
        return ", ".join(f"{each.datacenter_id} LAN {each.lan_id} {each.address}" for each in value)
    return str(value)
