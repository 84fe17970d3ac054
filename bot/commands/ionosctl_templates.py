"""Lines of IONOS's own tool that do the same as a command, from a template of the command's.

A template is a line with names in braces, such as `{cluster}`; `{ram_mb:gb}` is the value in another form.
A part in square brackets is left out where a name in it has no value. Source: the help of ionosctl 6.10.3;
there, `dbaas postgres` speaks v1 and `dbaas postgres-v2` speaks v2.
"""

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from shlex import quote
from typing import Any

from bot.domain.cluster import Api

Templates = Mapping[Api, str | tuple[str, ...]]
"""For each API the template, or several: the first of which everything is known is taken."""

V1_UPDATE = "ionosctl dbaas postgres cluster update --cluster-id {cluster}"
_V2_UPDATE = (
    "ionosctl dbaas postgres-v2 cluster update --location {region:place} --cluster-id {cluster}"
    ' --db-password "$DB_PASSWORD"'
)
"""The tool takes a password as an argument only; the shell of whoever runs it puts it there."""

_NAME = re.compile(r"\{([a-z_.]+)(?::([a-z]+))?\}")
_OPTIONAL = re.compile(r" \[([^\]]*)\]")
_VARIABLE = re.compile(r'"\$([A-Z_]+)"')

_FORMS: Mapping[str, Callable[[Any], str]] = {
    "": lambda value: str(value).lower() if isinstance(value, bool) else str(value),
    "gb": lambda megabytes: str(int(megabytes) // 1024),
    "upper": lambda word: str(word).upper().replace(" ", "_"),
    # The tool knows a region by its host: de/fra/2 shares that of de/fra.
    "place": lambda region: "/".join(re.split(r"[/-]", str(region).lower())[:2]),
}


@dataclass(frozen=True, slots=True)
class ShellLine:
    """A line for a shell, and the names of the values that it leaves out."""

    text: str
    left_out: tuple[str, ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """What whoever runs it has to set in the shell first."""
        return tuple(dict.fromkeys(_VARIABLE.findall(self.text)))


def updating(flags: str) -> Templates:
    """For a command that changes a cluster by the same flags on both APIs."""
    return {Api.V1: f"{V1_UPDATE} {flags}", **updating_v2(flags)}


def updating_v2(flags: str) -> Templates:
    """For a command whose flags the tool has for v2 only."""
    return {Api.V2: f"{_V2_UPDATE} {flags}"}


def line(
    templates: Templates, api: Api, values: Mapping[str, Any], wanted: Set[str] = frozenset()
) -> ShellLine | None:
    """The line for one API; None where the tool has none, or something that it needs is not known.

    A value of None is one that is not known. Names in `wanted` that the line does not say, it leaves out.
    """
    found = templates.get(api, ())
    known = {name: value for name, value in values.items() if value is not None}
    for template in (found,) if isinstance(found, str) else found:
        text, said = _filled(template, known)
        if text:
            return ShellLine(text, tuple(sorted(wanted - said)))
    return None


def _filled(template: str, known: Mapping[str, Any]) -> tuple[str, set[str]]:
    """The line, empty where something is missing, and the names in it."""
    kept = _OPTIONAL.sub(lambda part: f" {part[1]}" if _names(part[1]) <= known.keys() else "", template)
    names = _names(kept)
    if not names <= known.keys():
        return "", set()
    return _NAME.sub(lambda name: quote(_FORMS[name[2] or ""](known[name[1]])), kept), names


def _names(template: str) -> set[str]:
    return {name for name, _ in _NAME.findall(template)}
