"""IONOS's SDKs: the operations that only v1 has, and the API that the allowed releases speak.

Source: the specification's operation ids (ionos-v1.openapi.yaml); generators write them as clusters_patch
(Python, Ruby), clustersPatch (JavaScript, Java) or ClustersPatch (Go), some with endings. PyPI's releases of
ionoscloud-dbaas-postgres (ionos-api-notes, section 0): 1.x and 3.0.0 (yanked) speak v1, 3.0.1 and later speak
v2. Major numbers are not API versions.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from migrations.scan.findings import FilePosition, Pin

PYTHON_SDK = "ionoscloud-dbaas-postgres"
PYTHON_SOURCE = "sdk-python-dbaas-postgres"
"""The repository of the SDK, whose tags are its releases."""

SPEAK_V1 = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.1.0", "1.1.1", "1.1.2", "1.2.0", "3.0.0")
"""Every release that speaks v1: there will be no more of them."""
FIRST_WITH_V2 = "3.0.1"
FIRST_GO_MAJOR_OF_V2 = 3

_OPERATIONS = (
    "clusters_patch", "cluster_logs_get", "cluster_restore_post", "users_get", "users_list", "users_post",
    "users_patch", "users_delete", "databases_get", "databases_list", "databases_post", "databases_delete",
)  # fmt: skip
_BY_LETTERS = {name.replace("_", ""): name for name in _OPERATIONS}
_ENDING = re.compile(r"(?:_?with_?http_?info|async|call|execute|raw)\Z", re.IGNORECASE)

OPERATION = re.compile(
    r"[.>]\s*(?:[cC]luster(?:s_?[pP]atch|_?[lL]ogs_?[gG]et|_?[rR]estore_?[pP]ost)"
    r"|(?:[uU]sers|[dD]atabases)_?(?:[gG]et|[lL]ist|[pP]ost|[pP]atch|[dD]elete))"
)
"""A call of one, in any spelling: quick to look for in files that do not name the vendor."""

SISTERS = re.compile(
    r"(?i)sdk-(?:go|java|nodejs|python|ruby)-dbaas-(?:mongo|mariadb|in-memory)|dbaas/(?:mongo|mariadb|inmemorydb)"
    r"|ionoscloud[-_.]dbaas_?(?:mongo|mariadb|inmemorydb)|dbaas(?:[-_.])(?:mongo|mariadb|inmemorydb)"
)
"""SDKs of the sister databases, whose operations have the same names."""

_LONGEST_REQUIREMENT = 1000
_LONGEST_RANGE = 200
"""Characters of each. Python refuses to read a number of 5,000 digits."""
_CHECKOUT = re.compile(
    r"\bgit(?:\+\w{2,5})?[:@]\S{0,200}?/"
    + PYTHON_SOURCE
    + r"(?:\.git)?/?(?:@v?(?P<release>\d[\w.]{0,30})|(?![\w-]))"
)
_CARET = re.compile(r"\^\s*(\d{1,9})(\.\d+)*")
_TILDE = re.compile(r"~\s*(?P<major>\d{1,9})(?:\.(?P<minor>\d{1,9}))?(?:\.\d+)*")
_GO_SDK = re.compile(
    r"github\.com/ionos-cloud/(?P<sdk>sdk-go-dbaas-postgres|sdk-go-bundle/products/dbaas/psql)"
    r"(?:/v(?P<major>\d{1,4}))?(?=[/\s\"@]|$)"
)


class SpokenApi(StrEnum):
    """The APIs that a range of releases may speak."""

    V1 = "v1"
    V2 = "v2"
    EITHER = "v1 or v2"


def operation_name(word: str) -> str | None:
    """Return the operation that a method calls, in the spelling of Python's SDK; None for any other."""
    return _BY_LETTERS.get(_ENDING.sub("", word).replace("_", "").lower())


def find_go_sdk(text: str) -> str | None:
    """Return the path of Go's SDK in the text, if it is one that speaks v1."""
    found = _GO_SDK.search(text)
    if found is None:
        return None
    bundled = found["sdk"].startswith("sdk-go-bundle")
    return None if bundled and int(found["major"] or 1) >= FIRST_GO_MAJOR_OF_V2 else found[0]


def find_python_pins(text: str, place: FilePosition) -> Iterator[Pin]:
    """Yield the releases of the SDK that a line of requirements allows."""
    allows = allowed_sdk_releases(text)
    if allows is not None:
        yield Pin(place, language="python", name=PYTHON_SDK, allows=allows)


def allowed_sdk_releases(text: str) -> str | None:
    """Return the releases of the SDK that a line of requirements allows; None if it is about another."""
    if len(text) > _LONGEST_REQUIREMENT:
        return None
    checkout = _CHECKOUT.search(text)
    if checkout:
        return f"=={checkout['release']}" if checkout["release"] else ""
    try:
        requirement = Requirement(text.strip())
    except InvalidRequirement:
        return None
    return str(requirement.specifier) if canonicalize_name(requirement.name) == PYTHON_SDK else None


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


def parse_range(text: str) -> SpecifierSet | None:
    """Return the range that a text in Python's notation means; None where it cannot be understood."""
    try:
        return SpecifierSet(text) if len(text) <= _LONGEST_RANGE else None
    except InvalidSpecifier:
        return None


def allows_from(allowed: SpecifierSet, first: str) -> bool:
    """Return whether a range allows `first` or any release after it, published or not."""
    lowest = Version(first)
    return any(each >= lowest and allowed.contains(each) for each in (lowest, *_bounds(allowed)))


def _bounds(allowed: SpecifierSet) -> Iterator[Version]:
    """Yield the releases that the range names and those right after them, in each part of the number.

    If the range allows anything from some release on, the lowest that it allows is that one or one of these.
    """
    for each in allowed:
        try:
            version = Version(each.version.removesuffix(".*"))
        except InvalidVersion:
            continue
        yield version
        major, minor, patch = version.major, version.minor, version.micro
        for after in ((major, minor, patch + 1), (major, minor + 1, 0), (major + 1, 0, 0)):
            yield Version(".".join(map(str, after)))
