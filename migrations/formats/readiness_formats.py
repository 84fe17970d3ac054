"""The readiness report in every format, by the name that people give it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from migrations.formats.as_csv import as_csv
from migrations.formats.as_html import as_html
from migrations.formats.as_markdown import as_markdown
from migrations.formats.as_sarif import OWN_FILE, SarifPlace, as_sarif
from migrations.formats.as_text import as_text
from migrations.formats.readiness_records import as_json
from migrations.readiness import ReadinessReport


class Format(StrEnum):
    """The names of the formats."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "md"
    CSV = "csv"
    SARIF = "sarif"
    HTML = "html"


_WRITERS = {
    Format.TEXT: as_text,
    Format.JSON: as_json,
    Format.MARKDOWN: as_markdown,
    Format.CSV: as_csv,
    Format.HTML: as_html,
}


def render_report(
    report: ReadinessReport,
    requested: Format,
    *,
    reproducible: bool = False,
    places: Mapping[str, SarifPlace] = MappingProxyType({}),
    own_file: SarifPlace = OWN_FILE,
) -> tuple[str, ...]:
    """Return the report in one format: a file, or several of SARIF where one is too large.

    With `reproducible`, no time of reading is in it. SARIF names `places`, see `as_sarif`.
    """
    if requested is Format.SARIF:
        return as_sarif(report, reproducible=reproducible, places=places, own_file=own_file)
    return (_WRITERS[requested](report, reproducible=reproducible),)
