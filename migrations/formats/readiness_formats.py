"""The readiness report in every format, by the name that people give it."""

from enum import StrEnum

from migrations.formats.as_csv import as_csv
from migrations.formats.as_html import as_html
from migrations.formats.as_json import as_json
from migrations.formats.as_markdown import as_markdown
from migrations.formats.as_sarif import as_sarif
from migrations.formats.as_text import as_text
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
    Format.SARIF: as_sarif,
    Format.HTML: as_html,
}


def render_report(report: ReadinessReport, requested: Format, *, reproducible: bool = False) -> str:
    """Return the report in one format. With `reproducible`, no time of reading is in it."""
    return _WRITERS[requested](report, reproducible=reproducible)
