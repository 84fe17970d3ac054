"""The API that the allowed releases of the SDKs speak.

Source: PyPI's releases of ionoscloud-dbaas-postgres (ionos-api-notes, section 0): 1.x and 3.0.0 (yanked)
speak v1, 3.0.1 and later speak v2. Major numbers are not API versions.
"""

import re
from enum import StrEnum

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from migrations.scan.release_ranges import allows_from, parse_range

PYTHON_SDK = "ionoscloud-dbaas-postgres"
PYTHON_SOURCE = "sdk-python-dbaas-postgres"
"""The repository of the SDK, whose tags are its releases."""

SPEAK_V1 = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.1.0", "1.1.1", "1.1.2", "1.2.0", "3.0.0")
"""Every release that speaks v1: there will be no more of them."""
FIRST_WITH_V2 = "3.0.1"

_LONGEST = 1000
"""Characters of a requirement. Python refuses to read a number of 5,000 digits."""
_CHECKOUT = re.compile(
    r"\bgit(?:\+\w{2,5})?[:@]\S{0,200}?/"
    + PYTHON_SOURCE
    + r"(?:\.git)?/?(?:@v?(?P<release>\d[\w.]{0,30})|(?![\w-]))"
)
_CARET = re.compile(r"\^\s*(\d{1,9})(\.\d+)*")
_TILDE = re.compile(r"~\s*(?P<major>\d{1,9})(?:\.(?P<minor>\d{1,9}))?(?:\.\d+)*")


class SpokenApi(StrEnum):
    """The APIs that a range of releases may speak."""

    V1 = "v1"
    V2 = "v2"
    EITHER = "v1 or v2"


def python_sdk_api(allows: str) -> SpokenApi:
    """Return the API of the releases that `allows` allows; EITHER for a range that cannot be understood."""
    allowed = parse_range(_as_specifier(allows))
    if allowed is None:
        return SpokenApi.EITHER
    if not allows_from(allowed, FIRST_WITH_V2):
        return SpokenApi.V1
    return SpokenApi.EITHER if any(allowed.contains(each) for each in SPEAK_V1) else SpokenApi.V2


def _as_specifier(allows: str) -> str:
    """Translate Poetry's and Pipenv's notations (`^3.0`, `~3.0`, `*`, a bare version) into Python's own."""
    text = allows.strip()
    caret = _CARET.fullmatch(text)
    if caret:
        return f">={text[1:].strip()},<{int(caret[1]) + 1}"
    tilde = _TILDE.fullmatch(text)
    if tilde:
        major, minor = int(tilde["major"]), tilde["minor"]
        return f">={text[1:].strip()},<" + (f"{major}.{int(minor) + 1}" if minor else f"{major + 1}")
    if text in {"", "*"}:
        return ""
    return f"=={text}" if text[0].isdigit() else text


def allowed_sdk_releases(text: str) -> str | None:
    """Return the releases of the SDK that a line of requirements allows, or None if it is about something
    else."""
    if len(text) > _LONGEST:
        return None
    checkout = _CHECKOUT.search(text)
    if checkout:
        return f"=={checkout['release']}" if checkout["release"] else ""
    try:
        requirement = Requirement(text.strip())
    except InvalidRequirement:
        return None
    return str(requirement.specifier) if canonicalize_name(requirement.name) == PYTHON_SDK else None


_GO_SDK = re.compile(
    r"github\.com/ionos-cloud/(?P<sdk>sdk-go-dbaas-postgres|sdk-go-bundle/products/dbaas/psql)"
    r"(?:/v(?P<major>\d{1,4}))?(?=[/\s\"@]|$)"
)
FIRST_GO_MAJOR_OF_V2 = 3


def find_go_sdk(text: str) -> str | None:
    """Return the path of Go's SDK in the text, if it is one that speaks v1."""
    found = _GO_SDK.search(text)
    if found is None:
        return None
    bundled = found["sdk"].startswith("sdk-go-bundle")
    return None if bundled and int(found["major"] or 1) >= FIRST_GO_MAJOR_OF_V2 else found[0]
