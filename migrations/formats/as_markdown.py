"""The readiness report as Markdown (CommonMark with GitHub's tables)."""

import re
from collections.abc import Iterator
from datetime import datetime

from migrations.formats.as_text import seen, waived
from migrations.formats.contents import (
    ClusterSection,
    OutcomeKind,
    ReportContents,
    ReportItem,
    contents,
    instant,
)
from migrations.formats.visible_text import visible, visible_lines
from migrations.readiness import ReadinessReport
from migrations.rule import Remedy

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"[&<>\\`*\[\]|~#$]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What means something in the middle of a line, as an underscore between letters does not.

Beginnings of lines are always ours."""


def as_markdown(report: ReadinessReport, *, reproducible: bool = False) -> str:
    """The coverage first, then a table of the clusters, then each of them."""
    return "\n".join(_lines(contents(report, reproducible=reproducible))) + "\n"


def inert(text: str) -> str:
    """Text from outside, made text for Markdown too, table cells included. Never first on a line."""
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found.group(), f"\\{found.group()}"), visible(text))


def fenced(language: str, text: str) -> Iterator[str]:
    """A block of code that nothing in the code can end, with a blank line before it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from ("", f"{fence}{language}", *visible_lines(text).split("\n"), fence)


def remedy_lines(remedy: Remedy) -> Iterator[str]:
    """What to do, as the last point of a list, and blocks to copy."""
    if remedy.text:
        yield f"- Do: {inert(remedy.text)}"
    shell = "\n".join(line for line in (remedy.command, remedy.ionosctl) if line)
    for language, text in (("sh", shell), ("sql", remedy.sql)):
        if text:
            yield from fenced(language, text)


def _lines(whole: ReportContents) -> Iterator[str]:
    yield from ("# Readiness for v2", "")
    yield from (f"- {inert(line)}" for line in whole.coverage.lines)
    yield from (f"- {line}" for line in whole.summary)
    if whole.at is not None:
        yield f"- Read at {instant(whole.at)}."
    if whole.sections:
        yield from ("", "| cluster | region | verdict | standing | worst | owner |")
        yield "| --- | --- | --- | --- | --- | --- |"
        yield from map(_row, whole.sections)
    for section in whole.sections:
        yield from _section(section)


def _row(section: ClusterSection) -> str:
    open_ones = (each for each in section.items if each.kind is OutcomeKind.FINDING and each.waiver is None)
    worst = next((f"{each.rule.id} {each.label}" for each in open_ones), "–")
    cells = (
        inert(section.cluster.name),
        inert(section.cluster.region),
        section.readiness,
        section.stand.standing,
        worst,
        inert(section.owner or "–"),
    )
    return f"| {' | '.join(cells)} |"


def _section(section: ClusterSection) -> Iterator[str]:
    cluster = section.cluster
    yield from ("", f"## Cluster {inert(cluster.name)}", "")
    yield f"- Id {inert(cluster.id)}, {inert(cluster.region)}, contract {inert(cluster.contract)}"
    yield f"- Verdict: {section.readiness}"
    yield f"- Standing: {section.stand.standing}: {inert(section.stand.how)}"
    if section.owner:
        yield f"- Owner: {inert(section.owner)}"
    for item in section.items:
        yield from _item(item, section.read_at)


def _item(item: ReportItem, read_at: datetime | None) -> Iterator[str]:
    yield from ("", f"### {item.label}: {item.rule.id} {inert(item.rule.title)}", "")
    if item.waiver is not None:
        yield f"- Waived: {inert(waived(item.waiver))}"
    if item.why:
        yield f"- Why: {inert(item.why)}"
    if item.ask:
        yield f"- Ask: {inert(item.ask)}"
    yield f"- Basis: {item.rule.basis}; source: {inert(item.rule.source)}"
    yield from (f"- Seen: {inert(seen(each, read_at))}" for each in item.evidence)
    yield from remedy_lines(item.remedy)
