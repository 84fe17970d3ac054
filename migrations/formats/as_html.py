"""The readiness report as one HTML page that needs nothing from anywhere, not even a script."""

from collections.abc import Iterator
from html import escape

from migrations.formats.as_text import seen, waived
from migrations.formats.contents import (
    ClusterSection,
    OutcomeKind,
    ReportContents,
    ReportItem,
    contents,
    instant,
)
from migrations.formats.html_style import STYLE
from migrations.formats.visible_text import visible, visible_lines
from migrations.readiness import Readiness, ReadinessReport
from migrations.rule import Severity

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Readiness for v2</title>
<style>
"""
"""The policy makes the browser itself refuse every request and every script."""

_KEYS = {verdict: verdict.replace(" ", "-") for verdict in Readiness}


def as_html(report: ReadinessReport, *, reproducible: bool = False) -> str:
    """The coverage first, then a table of the clusters, then each of them; a filter by verdict."""
    return "\n".join(_page(contents(report, reproducible=reproducible))) + "\n"


def shown(text: str) -> str:
    """Text from outside, as text of a page or value of an attribute."""
    return escape(visible(text))


def _page(whole: ReportContents) -> Iterator[str]:
    yield f"{_HEAD}{STYLE}</style>\n</head>\n<body>\n<h1>Readiness for v2</h1>"
    yield '<section class="coverage" aria-label="Coverage">'
    first, *others = whole.coverage.lines
    yield f"<p><strong>{shown(first)}</strong></p>"
    yield from (f"<p>{shown(line)}</p>" for line in (*others, *whole.summary))
    if whole.at is not None:
        yield f"<p>Read at {_time(instant(whole.at))}.</p>"
    yield "</section>"
    if whole.sections:
        yield from _filter(whole)
        yield "<main>"
        yield from _table(whole)
        for number, section in enumerate(whole.sections, start=1):
            yield from _section(number, section)
        yield "</main>"
    yield "</body>\n</html>"


def _filter(whole: ReportContents) -> Iterator[str]:
    """Radio buttons in front of what they filter: the style sheet does the rest."""
    choices = [("all", "all", len(whole.sections))]
    choices += [(_KEYS[verdict], str(verdict), count) for verdict, count in whole.verdicts.items()]
    yield '<span class="filter">Show:</span>'
    for key, words, count in choices:
        checked = " checked" if key == "all" else ""
        yield f'<input type="radio" name="verdict" id="show-{key}"{checked}>'
        yield f'<label for="show-{key}">{words} ({count})</label>'


def _table(whole: ReportContents) -> Iterator[str]:
    head = ("cluster", "region", "contract", "verdict", "standing", "findings", "owner")
    yield "<table><thead><tr>" + "".join(f'<th scope="col">{each}</th>' for each in head) + "</tr></thead>"
    yield "<tbody>"
    for number, section in enumerate(whole.sections, start=1):
        cluster = section.cluster
        cells = (
            f'<a href="#cluster-{number}"><bdi>{shown(cluster.name)}</bdi></a>',
            shown(cluster.region),
            shown(cluster.contract),
            f'<span class="mark {_KEYS[section.readiness]}">{section.readiness}</span>',
            str(section.stand.standing),
            _counts(section),
            f"<bdi>{shown(section.owner or '–')}</bdi>",
        )
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        yield f'<tr class="cluster {_KEYS[section.readiness]}">{row}</tr>'
    yield "</tbody></table>"


def _counts(section: ClusterSection) -> str:
    found = [item for item in section.items if item.kind is OutcomeKind.FINDING and item.waiver is None]
    counts = {severity: sum(item.severity is severity for item in found) for severity in Severity}
    return ", ".join(f"{count} {severity}" for severity, count in counts.items() if count) or "–"


def _section(number: int, section: ClusterSection) -> Iterator[str]:
    cluster = section.cluster
    key = _KEYS[section.readiness]
    yield f'<article class="cluster {key}" id="cluster-{number}">'
    yield f"<h2><bdi>{shown(cluster.name)}</bdi></h2>"
    owner = f"; owner <bdi>{shown(section.owner)}</bdi>" if section.owner else ""
    yield f"<p>{shown(cluster.id)}, {shown(cluster.region)}, contract {shown(cluster.contract)}{owner}</p>"
    yield f'<p><span class="mark {key}">{section.readiness}</span> {section.stand.standing}: '
    yield f"{shown(section.stand.how)}</p>"
    for item in section.items:
        yield from _item(item, section)
    yield "</article>"


def _item(item: ReportItem, section: ClusterSection) -> Iterator[str]:
    key = item.label.replace(" ", "-")
    dulled = " waived" if item.waiver is not None else ""
    yield f'<section class="item{dulled}">'
    yield f'<h3><span class="mark {key}">{item.label}</span> {item.rule.id} {shown(item.rule.title)}</h3>'
    yield "<dl>"
    yield from _pair("waived", waived(item.waiver) if item.waiver is not None else "")
    yield from _pair("why", item.why)
    yield from _pair("ask", item.ask)
    yield from _pair("basis", f"{item.rule.basis}; source: {item.rule.source}")
    for evidence in item.evidence:
        yield from _pair("seen", seen(evidence, section.read_at))
    yield from _pair("do", item.remedy.text)
    lines = (item.remedy.command, item.remedy.ionosctl, item.remedy.sql)
    yield from (f"<dd><pre>{escape(visible_lines(line))}</pre></dd>" for line in lines if line)
    yield "</dl></section>"


def _pair(term: str, words: str) -> Iterator[str]:
    if words:
        yield f"<dt>{term}</dt><dd>{shown(words)}</dd>"


def _time(at: str) -> str:
    return f'<time datetime="{at}">{at}</time>'
