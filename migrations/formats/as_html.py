"""The readiness report as one HTML page that needs nothing from anywhere, not even a script."""

from collections.abc import Iterator
from html import escape

from bot.domain.text_safety import visible, visible_lines
from migrations.formats.contents import (
    ClusterSection,
    OutcomeKind,
    ReportContents,
    ReportItem,
    build_contents,
    format_instant,
)
from migrations.readiness import Readiness, ReadinessReport
from migrations.rule import Severity

STYLE = """
:root { color-scheme: light dark; --line: #c9ced6; --soft: #f3f5f8; --dull: #5b6470;
  --red: #b3261e; --amber: #8a5300; --blue: #1d5fa8; --green: #1f7a3d; }
@media (prefers-color-scheme: dark) {
  :root { --line: #40464f; --soft: #22262c; --dull: #a3acb8;
    --red: #ff8f86; --amber: #f0b45a; --blue: #8fc1ff; --green: #7fd79b; }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin: 0; } h3 { font-size: 1rem; margin: 0 0 .4rem; }
p { margin: .3rem 0; overflow-wrap: anywhere; }
.coverage { background: var(--soft); padding: .8rem 1rem; border-radius: .5rem; margin-bottom: 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left;
  overflow-wrap: anywhere; vertical-align: top; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.item { border-top: 1px solid var(--line); padding-top: .7rem; margin-top: .7rem; }
.waived { color: var(--dull); }
dl { display: grid; grid-template-columns: 4.5rem 1fr; gap: .2rem .8rem; margin: 0; }
dt { color: var(--dull); } dd { margin: 0; grid-column: 2; min-width: 0; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .4rem .6rem; border-radius: .3rem; margin: .1rem 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.mark { font-weight: 600; text-transform: uppercase; font-size: .8rem; letter-spacing: .03em; }
.blocker, .blocked { --ink: var(--red); } .action, .needs-work { --ink: var(--amber); }
.advice, .info, .ask { --ink: var(--blue); } .ready { --ink: var(--green); }
.inconclusive { --ink: var(--dull); }
.mark { color: var(--ink); }
.filter, label { margin-right: 1rem; }
#show-blocked:checked ~ main .cluster:not(.blocked),
#show-needs-work:checked ~ main .cluster:not(.needs-work),
#show-inconclusive:checked ~ main .cluster:not(.inconclusive),
#show-ready:checked ~ main .cluster:not(.ready) { display: none; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  input, label, .filter { display: none; }
  article { border: 0; padding: 0; } .item { break-inside: avoid; } h2 { break-after: avoid; }
}
"""


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
    """Return the page: the coverage, a table of the clusters, then each of them; with a filter by verdict."""
    return "\n".join(_page(build_contents(report, reproducible=reproducible))) + "\n"


def escape_html(text: str) -> str:
    """Escape text from outside, for text of a page or the value of an attribute."""
    return escape(visible(text))


def _page(whole: ReportContents) -> Iterator[str]:
    yield f"{_HEAD}{STYLE}</style>\n</head>\n<body>\n<h1>Readiness for v2</h1>"
    yield '<section class="coverage" aria-label="Coverage">'
    first, *others = whole.coverage.lines
    yield f"<p><strong>{escape_html(first)}</strong></p>"
    yield from (f"<p>{escape_html(line)}</p>" for line in (*others, *whole.summary))
    if whole.at is not None:
        at = format_instant(whole.at)
        yield f'<p>Read at <time datetime="{at}">{at}</time>.</p>'
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
    """Yield radio buttons in front of what they filter: the style sheet does the rest."""
    choices = [("all", "all", len(whole.sections))]
    choices += [(_KEYS[verdict], str(verdict), count) for verdict, count in whole.verdicts.items()]
    yield '<span class="filter">Show:</span>'
    for key, words, count in choices:
        checked = " checked" if key == "all" else ""
        yield f'<input type="radio" name="verdict" id="show-{key}"{checked}>'
        yield f'<label for="show-{key}">{words} ({count})</label>'


def _table(whole: ReportContents) -> Iterator[str]:
    head = ("cluster", "region", "contract", "verdict", "clients", "standing", "findings", "owner")
    yield "<table><thead><tr>" + "".join(f'<th scope="col">{each}</th>' for each in head) + "</tr></thead>"
    yield "<tbody>"
    for number, section in enumerate(whole.sections, start=1):
        cluster = section.cluster
        cells = (
            f'<a href="#cluster-{number}"><bdi>{escape_html(cluster.name)}</bdi></a>',
            escape_html(cluster.region),
            escape_html(cluster.contract),
            f'<span class="mark {_KEYS[section.readiness]}">{section.readiness}</span>',
            str(section.clients.state),
            str(section.presence.state),
            _counts(section),
            f"<bdi>{escape_html(section.owner or '–')}</bdi>",
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
    yield f"<h2><bdi>{escape_html(cluster.name)}</bdi></h2>"
    owner = f"; owner <bdi>{escape_html(section.owner)}</bdi>" if section.owner else ""
    identity = f"{escape_html(cluster.id)}, {escape_html(cluster.region)}"
    yield f"<p>{identity}, contract {escape_html(cluster.contract)}{owner}</p>"
    yield f'<p><span class="mark {key}">{section.readiness}</span> {section.presence.state}: '
    yield f"{escape_html(section.presence.how)}</p>"
    yield f"<p>Clients: {section.clients.state}</p>"
    if section.clients.lines:
        yield "<ul>" + "".join(f"<li>{escape_html(line)}</li>" for line in section.clients.lines) + "</ul>"
    for item in section.items:
        yield from _item(item, section)
    yield "</article>"


def _item(item: ReportItem, section: ClusterSection) -> Iterator[str]:
    key = item.label.replace(" ", "-")
    dulled = " waived" if item.waiver is not None else ""
    yield f'<section class="item{dulled}">'
    title = f"{item.rule.id} {escape_html(item.rule.title)}"
    yield f'<h3><span class="mark {key}">{item.label}</span> {title}</h3>'
    yield "<dl>"
    points = [*item.points(section.read_at), *([("do", item.remedy.text)] if item.remedy.text else [])]
    yield from (f"<dt>{name}</dt><dd>{escape_html(words)}</dd>" for name, words in points)
    lines = (item.remedy.command, item.remedy.ionosctl, item.remedy.sql)
    yield from (f"<dd><pre>{escape(visible_lines(line))}</pre></dd>" for line in lines if line)
    yield "</dl></section>"
