"""Manifests and lock files of npm, Maven, Gradle, gems, NuGet and conda that ask for an SDK or provider.

Source: the SDKs' own READMEs: @ionos-cloud/sdk-nodejs-dbaas-postgres on npm, com.ionoscloud.dbaaspostgres:
ionos-cloud-sdk-dbaas-postgres for Maven, ionoscloud-dbaas-postgres as a gem. None is known for NuGet and
Composer.
"""

import re
from collections.abc import Iterator

from migrations.scan.addresses import find_all_uses, offset_position
from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import (
    FilePosition,
    Pin,
    PossibleUse,
    ProviderVersion,
    ReaderResult,
    UseCondition,
)

_START = FilePosition(1, 1)
_NPM = re.compile(
    r"(?P<name>@ionos-cloud/sdk-nodejs-dbaas-postgres)(?![\w-])"
    r"(?:[\"']?[ \t]*:[ \t]*(?:\{\s{0,30}[\"']version[\"']\s?:\s?)?[\"']?(?P<allows>[\w.^~<>=*| -]{0,60})"
    r"|@(?:npm:)?(?P<locked>[\w.^~<>=*| -]{0,60}))"
)
_MAVEN = re.compile(
    r"com\.ionoscloud\.dbaaspostgres[\s\"':,%=]{1,30}(?:name[\s\"':,=]{1,30})?"
    r"(?P<name>ionos-cloud-sdk-dbaas-postgres)(?![\w-])[\s\"':,%=]{0,30}(?:version[\s\"':=]{1,30})?"
    r"(?P<allows>[\d.]{0,40})"
)
_POM = re.compile(
    r"<artifactId>\s*(?P<name>ionos-cloud-sdk-dbaas-postgres)\s*</artifactId>"
    r"(?:\s*<version>(?P<allows>[^<]{0,60})</version>)?"
)
_MODULE = re.compile(r"[\"'](?P<name>ionos-cloud-sdk-dbaas-postgres)[\"'](?P<allows>)")
_GEM = re.compile(
    r"(?:\bgem|\badd_(?:runtime_|development_)?dependency)[\s(]+[\"'](?P<name>ionoscloud-dbaas-postgres)[\"']"
    r"(?:\s*,\s*[\"'](?P<allows>[^\"'\n]{0,60})[\"'])?"
)
_LOCKED_GEM = re.compile(
    r"^ {4}(?P<name>ionoscloud-dbaas-postgres) \((?P<allows>[^)\n]{0,60})\)", re.MULTILINE
)
_PROVIDER = re.compile(r"[\"'](?:[\w.-]+/)?ionos-cloud/ionoscloud@(?P<allows>[^\"'\n]{1,60})[\"']")
_LANGUAGES = (
    (_NPM, "javascript"),
    (_MAVEN, "java"),
    (_POM, "java"),
    (_MODULE, "java"),
    (_GEM, "ruby"),
    (_LOCKED_GEM, "ruby"),
)


def read_package_pins(text: str, style: CommentStyle = CommentStyle.NONE) -> ReaderResult:
    """Return the SDKs that a manifest or lock file asks for, and the addresses in it."""
    bare = blank_comments(text, style)
    return ReaderResult((*_pins(bare), *find_all_uses(bare, _START)))


def read_cdktf_settings(text: str) -> ReaderResult:
    """Return the releases of the provider that cdktf.json allows."""
    return ReaderResult(
        tuple(
            ProviderVersion(
                place=offset_position(_START, text, found.start()),
                constraint=found["allows"],
                when=UseCondition.ALWAYS,
            )
            for found in _PROVIDER.finditer(text)
        )
    )


def _pins(text: str) -> Iterator[PossibleUse]:
    named: set[int] = set()
    for pattern, language in _LANGUAGES:
        for found in pattern.finditer(text):
            if found.start("name") in named:
                continue
            named.add(found.start("name"))
            groups = found.groupdict()
            allows = (groups["allows"] or groups.get("locked") or "").strip()
            yield Pin(
                place=offset_position(_START, text, found.start("name")),
                language=language,
                name=found["name"],
                allows=allows,
            )
