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
"""The template for each API, or several: the first with all values known is used."""

V1_UPDATE = "ionosctl dbaas postgres cluster update --cluster-id {cluster}"
_V2_UPDATE = (
    "ionosctl dbaas postgres-v2 cluster update --location {region:place} --cluster-id {cluster}"
    ' --db-password "$DB_PASSWORD"'
)
"""A v2 update. The tool takes a password only as an argument, so the shell of the person who runs it fills it
in."""

_NAME = re.compile(r"\{([a-z_.]+)(?::([a-z]+))?\}")
_OPTIONAL = re.compile(r" \[([^\[\]]*)\]")
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
        """Return the names to set in the shell before running it."""
        return tuple(dict.fromkeys(_VARIABLE.findall(self.text)))


def update_templates(flags: str) -> Templates:
    """Return the templates of a command that changes a cluster by the same flags on both APIs."""
    return {Api.V1: f"{V1_UPDATE} {flags}", **update_v2_templates(flags)}


def update_v2_templates(flags: str) -> Templates:
    """Return the template of a command whose flags the tool has for v2 only."""
    return {Api.V2: f"{_V2_UPDATE} {flags}"}


def fill_template(
    templates: Templates, api: Api, values: Mapping[str, Any], requested: Set[str] = frozenset()
) -> ShellLine | None:
    """Return the line for one API; None where the tool has none, or a value that it needs is not known.

    A value of None is not known. Names in `requested` that the line does not say are in `left_out`.
    """
    found = templates.get(api, ())
    known = {name: value for name, value in values.items() if value is not None}
    for template in (found,) if isinstance(found, str) else found:
        text, said = _fill(template, known)
        if text:
            return ShellLine(text, tuple(sorted(requested - said)))
    return None


def _fill(template: str, known: Mapping[str, Any]) -> tuple[str, set[str]]:
    """Return the line, empty where a value is missing, and the names in it."""
    kept = _OPTIONAL.sub(
        lambda part: f" {part[1]}" if _placeholders(part[1]) <= known.keys() else "", template
    )
    names = _placeholders(kept)
    if not names <= known.keys():
        return "", set()
    return _NAME.sub(lambda name: quote(_FORMS[name[2] or ""](known[name[1]])), kept), names


def _placeholders(template: str) -> set[str]:
    return {name for name, _ in _NAME.findall(template)}
