"""The readiness report as plain text, for terminals and logs."""

from collections.abc import Iterator
from datetime import datetime

from migrations.formats.contents import ClusterSection, ReportContents, ReportItem, contents, instant
from migrations.formats.visible_text import visible
from migrations.readiness import ReadinessReport, Waiver
from migrations.rule import Remedy, RuleEvidence


def as_text(report: ReadinessReport, *, reproducible: bool = False) -> str:
    """The coverage first, then every cluster with everything that was found."""
    return "\n".join(_lines(contents(report, reproducible=reproducible))) + "\n"


def _lines(whole: ReportContents) -> Iterator[str]:
    yield from (visible(line) for line in (*whole.coverage.lines, *whole.summary))
    if whole.at is not None:
        yield f"Read at {instant(whole.at)}."
    for section in whole.sections:
        yield ""
        yield from _section(section)


def _section(section: ClusterSection) -> Iterator[str]:
    cluster = section.cluster
    names = (cluster.name, cluster.region, f"contract {cluster.contract}", cluster.id)
    yield " · ".join(visible(name) for name in names)
    owner = f"; owner {visible(section.owner)}" if section.owner else ""
    yield f"  {section.readiness}; {section.stand.standing}: {visible(section.stand.how)}{owner}"
    for item in section.items:
        yield from _item(item, section.read_at)


def _item(item: ReportItem, read_at: datetime | None) -> Iterator[str]:
    yield f"  [{item.label}] {item.rule.id} {visible(item.rule.title)}"
    if item.waiver is not None:
        yield f"      waived: {waived(item.waiver)}"
    if item.why:
        yield f"      {visible(item.why)}"
    if item.ask:
        yield f"      ask: {visible(item.ask)}"
    yield f"      basis: {item.rule.basis}; source: {visible(item.rule.source)}"
    yield from (f"      seen: {seen(each, read_at)}" for each in item.evidence)
    yield from (f"      {line}" for line in remedy_in_words(item.remedy))


def seen(evidence: RuleEvidence, read_at: datetime | None) -> str:
    """One piece of evidence on a line: field, value, call and, if it is to show, the time."""
    when = f", {instant(read_at)}" if read_at is not None else ""
    return f"{visible(evidence.field)} = {visible(evidence.value)} ({visible(evidence.call)}{when})"


def waived(waiver: Waiver) -> str:
    """Who accepted a finding, until when, and why."""
    return visible(f"{waiver.owner}, until {instant(waiver.until)}: {waiver.reason}")


def remedy_in_words(remedy: Remedy) -> Iterator[str]:
    """What to do, and below it the lines to copy."""
    if remedy.text:
        yield f"do: {visible(remedy.text)}"
    lines = (remedy.command, remedy.ionosctl, *remedy.sql.split("\n"))
    yield from (f"  {visible(line)}" for line in lines if line)
