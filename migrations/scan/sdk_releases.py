"""The API that the allowed releases of the SDKs speak.

Source: PyPI's releases of ionoscloud-dbaas-postgres (ionos-api-notes, section 0): 1.x and 3.0.0 (yanked)
speak v1, 3.0.1 and later speak v2. Major numbers are not API versions.
"""

import re
from enum import StrEnum

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

PYTHON_SDK = "ionoscloud-dbaas-postgres"
SPEAK_V1 = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.1.0", "1.1.1", "1.1.2", "1.2.0", "3.0.0")
SPEAK_V2 = ("3.0.1", "3.0.2", "3.0.99", "3.1.0", "3.99.0", "4.0.0", "99.0.0")
"""Releases that exist, and samples of those to come: enough to tell what a range allows."""

_CARET = re.compile(r"\^\s*(\d+)(\.\d+)*")


class SpokenApi(StrEnum):
    """The APIs that a range of releases may speak."""

    V1 = "v1"
    V2 = "v2"
    EITHER = "v1 or v2"


def python_sdk_api(allows: str) -> SpokenApi:
    """Return the API of the releases that `allows` allows; EITHER for a range that cannot be understood."""
    try:
        allowed = SpecifierSet(_as_specifier(allows))
    except InvalidSpecifier:
        return SpokenApi.EITHER
    v1 = any(allowed.contains(version) for version in SPEAK_V1)
    v2 = any(allowed.contains(version) for version in SPEAK_V2)
    if v1 == v2:
        return SpokenApi.EITHER
    return SpokenApi.V1 if v1 else SpokenApi.V2


def _as_specifier(allows: str) -> str:
    """Translate Poetry's and Pipenv's notations (`^3.0`, `*`, a bare version) into Python's own."""
    text = allows.strip()
    caret = _CARET.fullmatch(text)
    if caret:
        return f">={text[1:].strip()},<{int(caret[1]) + 1}"
    if text in {"", "*"}:
        return ""
    return f"=={text}" if text[0].isdigit() else text


def allowed_sdk_releases(text: str) -> str | None:
    """Return the releases of the SDK that a line of requirements allows, or None if it is about something
    else."""
    try:
        requirement = Requirement(text.strip())
    except InvalidRequirement:
        return None
    return str(requirement.specifier) if canonicalize_name(requirement.name) == PYTHON_SDK else None


_GO_SDK = re.compile(
    r"github\.com/ionos-cloud/(?P<sdk>sdk-go-dbaas-postgres|sdk-go-bundle/products/dbaas/psql)"
    r"(?:/v(?P<major>\d+))?(?=[/\s\"@]|$)"
)
FIRST_GO_MAJOR_OF_V2 = 3


def find_go_sdk(text: str) -> str | None:
    """Return the path of Go's SDK in the text, if it is one that speaks v1."""
    found = _GO_SDK.search(text)
    if found is None:
        return None
    bundled = found["sdk"].startswith("sdk-go-bundle")
    return None if bundled and int(found["major"] or 1) >= FIRST_GO_MAJOR_OF_V2 else found[0]
