"""Addresses of v1 in a piece of text, and the other words that mean something in any language.

Source: ionos-api-notes, section 1. The path under cloudapi stands in guides only and never was the right one.
"""

import re

from migrations.scan.findings import (
    START,
    Address,
    BasicLogin,
    ContractNumber,
    ExposedMetric,
    FilePosition,
    Metric,
    NextLink,
    StateWord,
    UseCondition,
    Uses,
    find_places,
)

_BASE = (
    r"(?:(?i:(?:https?://(?P<login>[^\s/@:'\"]{1,99}:[^\s/@'\"]{1,200}@)?)?(?<![\w-])api\.ionos\.com)"
    r"\.?(?::\d{1,5})?/{1,3}(?:databases/{1,3}postgresql|cloudapi/{1,3}databases/{1,3}postgres(?:ql)?)"
    r"|(?:(?<![^\"'`}=(])|(?<=%[sv]))/{1,2}databases/postgresql)(?![\w-])"
)
_HOST = re.compile(r"(?i)(?<![\w.-])api\.ionos\.com(?![\w.-])")
_ADDRESS = re.compile(_BASE + r"(?P<path>(?:/(?:\{\{[^{}\n]*\}\}|[\w\-.~%{}$()<>:*])+)*)")
_RELATIVE = re.compile(
    r"/?clusters/(?P<rest>[^/\s\"'`]+/(?:users|databases|logs|restore)(?:/[^\s\"'`?]*)?)(?:\?[^\s\"'`]*)?$"
)
_METRIC = re.compile(r"\bionos_dbaas_postgres_[a-z0-9_]+")
_HEADER = re.compile(r"(?i)\bX-Contract-Number\b")
_QUOTED = re.compile(r"[\"'`]([^\"'`\\]+)")
_STATE = re.compile(r"(?<![\w-])(?:BUSY|DEGRADED)(?![\w-])")
_NEXT_LINK = re.compile(r"\b_?links(?:\?)?(?:\.|\[\\?[\"']|\"\.\")next\b")


def has_v1_address(text: str) -> bool:
    return _ADDRESS.search(text) is not None


def names_host(text: str) -> bool:
    """Return whether the text names the host of v1's address, with whatever path."""
    return _HOST.search(text) is not None


def names_v1_path(text: str) -> bool:
    """Return whether the text holds the path that only v1's addresses have, whatever the host."""
    return "/databases/postgres" in text


def find_addresses(
    text: str, place: FilePosition = START, *, values: tuple[str, ...] = (), literal: bool = True
) -> Uses:
    """Yield the addresses in a text that begins at `place`, and user names and passwords in them."""
    for at, found in find_places(_ADDRESS, text, place):
        path = _trim_path(found["path"])
        before = text[max(0, found.start() - 40) : found.start()].lower()
        if before.endswith("location "):
            continue  # a web server's own path
        bare = found[0].startswith("/") and "ionos" not in before
        when = UseCondition.WITH_HOST if bare else UseCondition.ALWAYS
        yield Address(at, values=(*values, *path.split("/")[1:]), path=path, literal=literal, when=when)
        if found["login"]:
            yield BasicLogin(at, values=values, text="user and password in the address")


def find_relative_endpoint(text: str, place: FilePosition) -> Uses:
    """Yield a path such as clusters/…/users that stands alone, its base elsewhere in the file."""
    found = _RELATIVE.match(text)
    if found:
        yield relative_address(place, f"/clusters/{found['rest']}", UseCondition.IN_FILE)


def relative_address(place: FilePosition, path: str, when: UseCondition) -> Address:
    """Return the use of a path below a base that is set elsewhere."""
    return Address(place, values=tuple(path.split("/")), path=path, literal=False, when=when)


def find_words(
    text: str, place: FilePosition, *, exposed: bool = False, when: UseCondition = UseCondition.IN_FILE
) -> Uses:
    """Yield words that mean something in any language: metrics, and in a file that speaks v1 the others.

    `exposed` metrics are the program's own, and `when` is the condition for a state.
    """
    for at, found in find_places(_METRIC, text, place):
        if exposed:
            yield ExposedMetric(at, text=found[0])
        else:
            yield Metric(at, values=quoted_in_line(text, found.start()), text=found[0])
    for at, _ in find_places(_HEADER, text, place):
        yield ContractNumber(at, text="header X-Contract-Number", when=UseCondition.IN_FILE)
    for at, found in find_places(_STATE, text, place):
        yield StateWord(at, text=found[0], when=when)
    yield from find_next_links(text, place)


def find_next_links(text: str, place: FilePosition = START) -> Uses:
    for at, _ in find_places(_NEXT_LINK, text, place):
        yield NextLink(at, when=UseCondition.IN_FILE)


def find_all_uses(text: str, place: FilePosition = START) -> Uses:
    yield from find_addresses(text, place)
    yield from find_words(text, place)


def quoted_in_line(text: str, offset: int) -> tuple[str, ...]:
    end = text.find("\n", offset)
    line = text[text.rfind("\n", 0, offset) + 1 : len(text) if end < 0 else end]
    return tuple(_QUOTED.findall(line))


def _trim_path(path: str) -> str:
    """Return the path without what a sentence or a bracket may have left at the end."""
    path = path.rstrip(".:")
    at_end = len(path) - len(path.rstrip(")"))
    unopened = min(at_end, max(path.count(")") - path.count("("), 0))
    return path[: len(path) - unopened].rstrip("/")
