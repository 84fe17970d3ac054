"""The scan of one document on its own."""

from collections.abc import Sequence

from migrations.scan.scan import KnownCluster, ScanReport, scan_paths

ID = "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"
KNOWN = (KnownCluster(ID, "orders-prod"),)

V1 = "https://api.ionos.com/databases/postgresql"
V2 = "https://postgresql.de-txl.ionos.com"


def scan_text(folder, name: str, text: str, *, known: Sequence[KnownCluster] = KNOWN) -> ScanReport:
    """Return the report on one file of that name and text, written below `folder`."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return scan_paths([folder], known=known)


def hits(folder, name: str, text: str, rule: str = "") -> list[tuple[int, str]]:
    """Return line and text of the hits in one file, of one rule or of all."""
    report = scan_text(folder, name, text)
    return [(hit.line, hit.text) for hit in report.hits if rule in {"", hit.rule_id}]


def places(folder, name: str, text: str) -> list[str]:
    """Return `line:rule` of every hit in one file, in order; what could not be read stands there as well."""
    report = scan_text(folder, name, text)
    found = {(hit.line, hit.rule_id) for hit in report.hits}
    return [f"{line}:{rule}" for line, rule in sorted(found)] + [gap.why for gap in report.gaps]


def expect(*marks: str) -> list[str]:
    """Return what `places` returns for `line:rule` marks in any order."""
    return [
        f"{line}:{rule}"
        for line, rule in sorted(
            (int(line), rule) for line, _, rule in (mark.partition(":") for mark in " ".join(marks).split())
        )
    ]
