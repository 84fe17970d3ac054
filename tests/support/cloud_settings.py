"""Every setting of every switch of the cloud simulator."""

import dataclasses
from typing import Any, Literal, get_args, get_origin, get_type_hints

from bot.demo.cloud.switches import Switches

_MADE_UP: dict[str, tuple[Any, ...]] = {
    "v1_busy_status": (422, 409),
    "v1_versions": (("14", "15", "16"), ("15", "16", "19")),
    "v2_versions": (("14", "15", "16", "17", "18"), ("16", "19")),
    "v2_backup_locations": ((), ("moon-1", "eu-central-3")),
    "v1_patch_delay_seconds": (0.0, 2.0, 4.5),
    "v1_new_database_hidden_seconds": (0.0, 2.0, 4.5),
    "rate_per_minute": (0, 20),
}
"""Settings of the switches whose type does not list them, the default first."""


def _settings(name: str, hint: Any) -> tuple[Any, ...]:
    if hint is bool:
        return (False, True)
    return get_args(hint) if get_origin(hint) is Literal else _MADE_UP[name]


PESSIMISTIC = Switches(
    v1_patch_delay_seconds=2.0,
    v1_transient_failed=True,
    v1_quick_deletions_fail=True,
    v1_new_database_hidden_seconds=2.0,
    restore_trace="late",
)
"""Everything that was seen to go wrong in the field, at once."""

SETTINGS = {name: _settings(name, hint) for name, hint in get_type_hints(Switches).items()}
DEFAULTS = dataclasses.asdict(Switches())
OTHERS = [
    (name, setting)
    for name, settings in SETTINGS.items()
    for setting in settings
    if setting != DEFAULTS[name]
]
"""Each switch with each setting that is not its default."""
