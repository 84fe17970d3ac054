"""Ranges of releases: the question whether one allows a release from some other on."""

from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

_LONGEST = 200
"""Characters of a range. Python refuses to read a number of 5,000 digits."""


def parse_range(text: str) -> SpecifierSet | None:
    """Return the range that a text in Python's notation means; None where it cannot be understood."""
    try:
        return SpecifierSet(text) if len(text) <= _LONGEST else None
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
