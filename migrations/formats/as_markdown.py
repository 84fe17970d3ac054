"""The readiness report as Markdown (CommonMark with GitHub's tables)."""

import re
from collections.abc import Iterator
from datetime import datetime

from bot.domain.text_safety import visible, visible_lines
from migrations.formats.contents import (
    ClusterSection,
    OutcomeKind,
    ReportContents,
    ReportItem,
    build_contents,
    format_instant,
)
from migrations.readiness import ReadinessReport
from migrations.rule import Remedy

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"[&<>\\`*\[\]|~#$]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""Characters that mean something in the middle of a line, as an underscore between letters does not.

Beginnings of lines are always ours.
"""


def as_markdown(report: ReadinessReport, *, reproducible: bool = False) -> str:
    """Return the coverage, then a table of the clusters, then each of them."""
    return "\n".join(_lines(build_contents(report, reproducible=reproducible))) + "\n"


def escape_md(text: str) -> str:
    """Escape text from outside for Markdown, table cells included. Never first on a line."""
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found.group(), f"\\{found.group()}"), visible(text))


def fence_code(language: str, text: str) -> Iterator[str]:
    """Yield a block of code that nothing in the code can end, with a blank line before it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from ("", f"{fence}{language}", *visible_lines(text).split("\n"), fence)


def remedy_lines(remedy: Remedy) -> Iterator[str]:
    """Yield the remedy as the last point of a list, and blocks to copy."""
    if remedy.text:
        yield f"- Do: {escape_md(remedy.text)}"
    shell = "\n".join(line for line in (remedy.command, remedy.ionosctl) if line)
    for language, text in (("sh", shell), ("sql", remedy.sql)):
        if text:
            yield from fence_code(language, text)


def _lines(whole: ReportContents) -> Iterator[str]:
    yield from ("# Readiness for v2", "")
    yield from (f"- {escape_md(line)}" for line in whole.coverage.lines)
    yield from (f"- {escape_md(line)}" for line in whole.summary)
    if whole.at is not None:
        yield f"- Read at {format_instant(whole.at)}."
    if whole.sections:
        yield from ("", "| cluster | region | verdict | clients | in v2 | worst | owner |")
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        yield from map(_row, whole.sections)
    for section in whole.sections:
        yield from _section(section)


def _row(section: ClusterSection) -> str:
    open_ones = (each for each in section.items if each.kind is OutcomeKind.FINDING and each.waiver is None)
    worst = next((f"{each.rule.id} {each.label}" for each in open_ones), "–")
    cells = (
        escape_md(section.cluster.name),
        escape_md(section.cluster.region),
        section.readiness,
        section.clients.state,
        section.presence.state,
        worst,
        escape_md(section.owner or "–"),
    )
    return f"| {' | '.join(cells)} |"


def _section(section: ClusterSection) -> Iterator[str]:
    cluster = section.cluster
    yield from ("", f"## Cluster {escape_md(cluster.name)}", "")
    yield f"- Id {escape_md(cluster.id)}, {escape_md(cluster.region)}, contract {escape_md(cluster.contract)}"
    yield f"- Verdict: {section.readiness}"
    yield f"- Clients: {section.clients.state}"
    yield from (f"  - Seen: {escape_md(line)}" for line in section.clients.lines)
    yield f"- In v2: {section.presence.state}: {escape_md(section.presence.how)}"
    if section.owner:
        yield f"- Owner: {escape_md(section.owner)}"
    for item in section.items:
        yield from _item(item, section.read_at)


def _item(item: ReportItem, read_at: datetime | None) -> Iterator[str]:
    yield from ("", f"### {item.label}: {item.rule.id} {escape_md(item.rule.title)}", "")
    yield from (f"- {name.capitalize()}: {escape_md(words)}" for name, words in item.points(read_at))
    yield from remedy_lines(item.remedy)
