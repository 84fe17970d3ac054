"""An SDK is imported, or allowed, in a release that speaks v1.

Source: the SDKs' major numbers are not API versions (ionos-api-notes, section 0): PyPI's 1.x and 3.0.0 speak
v1, 3.0.1 speaks v2; Go's psql/v2 speaks v1, psql/v3 speaks v2.
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import Pin, SdkImport
from migrations.scan.scan_rule import Found, ScanMatch, ScanRule
from migrations.scan.sdk_releases import SpokenApi, python_sdk_api

rule = ScanRule(
    module=__name__,
    title="An SDK that speaks v1, or may",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="PyPI: 3.0.0 is v1 (yanked), 3.0.1 is v2; Go: psql/v2 is v1, psql/v3 is v2",
    remedy=Remedy(
        text="Pin the release whose API you speak: today 1.2.0 in Python and psql/v2 in Go; when you move,"
        " 3.0.1 or later and psql/v3."
    ),
)

LOOSE = Remedy(
    text="This allows releases of both APIs, so that an installation may change the API by itself: pin one"
    " release."
)


@rule.on(Pin)
def pin(use: Pin) -> Found:
    text = f"{use.name} {use.allows}".rstrip()
    if use.language != "python":
        return ScanMatch(text)
    speaks = python_sdk_api(use.allows)
    if speaks is SpokenApi.V2:
        return None
    return ScanMatch(text, LOOSE if speaks is SpokenApi.EITHER else None)


@rule.on(SdkImport)
def imported(use: SdkImport) -> ScanMatch:
    return ScanMatch(f"import {use.name}")
