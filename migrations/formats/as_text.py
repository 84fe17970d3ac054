"""The readiness report as plain text, for terminals and logs."""

from collections.abc import Iterator
from datetime import datetime

from bot.domain.text_safety import visible
from migrations.formats.contents import (
    ClusterSection,
    ReportContents,
    ReportItem,
    build_contents,
    format_instant,
)
from migrations.readiness import ReadinessReport
from migrations.rule import Remedy


def as_text(report: ReadinessReport, *, reproducible: bool = False) -> str:
    """Return the coverage, then every cluster with all its findings."""
    return "\n".join(_lines(build_contents(report, reproducible=reproducible))) + "\n"


def _lines(whole: ReportContents) -> Iterator[str]:
    yield from (visible(line) for line in (*whole.coverage.lines, *whole.summary))
    if whole.at is not None:
        yield f"Read at {format_instant(whole.at)}."
    for section in whole.sections:
        yield ""
        yield from _section(section)


def _section(section: ClusterSection) -> Iterator[str]:
    cluster = section.cluster
    names = (cluster.name, cluster.region, f"contract {cluster.contract}", cluster.id)
    yield " · ".join(visible(name) for name in names)
    owner = f"; owner {visible(section.owner)}" if section.owner else ""
    yield f"  {section.readiness}; {section.presence.state}: {visible(section.presence.how)}{owner}"
    yield f"  clients: {section.clients.state}"
    yield from (f"      {visible(line)}" for line in section.clients.lines)
    for item in section.items:
        yield from _item(item, section.read_at)


def _item(item: ReportItem, read_at: datetime | None) -> Iterator[str]:
    yield f"  [{item.label}] {item.rule.id} {visible(item.rule.title)}"
    for name, words in item.points(read_at):
        yield f"      {visible(words)}" if name == "why" else f"      {name}: {visible(words)}"
    yield from (f"      {line}" for line in remedy_text(item.remedy))


def remedy_text(remedy: Remedy) -> Iterator[str]:
    """Yield the remedy, and below it the lines to copy."""
    if remedy.text:
        yield f"do: {visible(remedy.text)}"
    lines = (remedy.command, remedy.ionosctl, *remedy.sql.split("\n"))
    yield from (f"  {visible(line)}" for line in lines if line)
