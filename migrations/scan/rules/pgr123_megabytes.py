"""RAM or storage is given in MB.

Source: v1 counts MB, v2 counts whole GB of 1024 MB (both specifications, ram and storageSize;
ionos-api-notes, section 3).
Neither size was ever below 2048 MB in v1, so a small number is not in MB.
"""

from migrations.rule import Basis, Remedy, Severity
from migrations.scan.findings import DeclaredSize
from migrations.scan.scan_rule import Found, ScanMatch, ScanRule

MB_PER_GB = 1024
MORE_THAN_ANY = 10**9

rule = ScanRule(
    module=__name__,
    title="Sizes in MB",
    severity=Severity.ACTION,
    basis=Basis.DOCUMENTED,
    source="Both specifications: ram and storageSize are MB in v1 and GB in v2",
    remedy=Remedy(text="Divide by 1024. Round storage up, because it can never shrink."),
)


@rule.on(DeclaredSize)
def size(use: DeclaredSize) -> Found:
    if use.megabytes is None:
        return ScanMatch(f"{use.field} × {MB_PER_GB}", Remedy(text="v2 counts whole GB. Do not multiply."))
    if not MB_PER_GB <= use.megabytes < MORE_THAN_ANY:
        return None
    gigabytes = -(-use.megabytes // MB_PER_GB)
    return ScanMatch(
        f"{use.field} = {use.megabytes}",
        Remedy(text=f"v2 counts whole GB. Write {gigabytes} instead of {use.megabytes}."),
    )
