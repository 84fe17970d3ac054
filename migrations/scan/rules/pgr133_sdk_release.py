"""An SDK is imported, or allowed, in a release that speaks v1.

Source: the SDKs' major numbers are not API versions (ionos-api-notes, section 0): PyPI's 1.x and 3.0.0 speak
v1, 3.0.1 speaks v2; Go's psql/v2 speaks v1, psql/v3 speaks v2.
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import Pin, SdkImport
from migrations.scan.scan_rule import Found, ScanMatch, ScanRule
from migrations.scan.sdks import SpokenApi, python_sdk_api

rule = ScanRule(
    module=__name__,
    title="An SDK release that uses v1, or may use it",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="PyPI: 3.0.0 is v1 (yanked), 3.0.1 is v2; Go: psql/v2 is v1, psql/v3 is v2",
    remedy=Remedy(
        text=(
            "Pin the release for the API you use: today 1.2.0 for Python and psql/v2 for Go. When you "
            "move, use 3.0.1 or later and psql/v3."
        )
    ),
)

LOOSE = Remedy(
    text="This allows releases for both APIs, so a new installation may switch the API. Pin one release."
)

ALONE = Remedy(
    text="We know of no v2 release of this SDK. Call v2 directly, or use the SDK for Python or Go."
)
_ALONE = ("nodejs", "java", "ruby", "dbaaspostgres", "ionos-cloud-sdk")
"""Parts of the names of other SDKs: v2 has SDKs for Python and Go only."""


@rule.on(Pin)
def pin(use: Pin) -> Found:
    text = f"{use.name} {use.allows}".rstrip()
    if use.language != "python":
        return ScanMatch(text, None if use.language == "go" else ALONE)
    speaks = python_sdk_api(use.allows)
    if speaks is SpokenApi.V2:
        return None
    return ScanMatch(text, LOOSE if speaks is SpokenApi.EITHER else None)


@rule.on(SdkImport)
def imported(use: SdkImport) -> ScanMatch:
    is_alone = any(each in use.name for each in _ALONE)
    return ScanMatch(f"import {use.name}" if use.language else use.name, ALONE if is_alone else None)
