"""Differences between two snapshots of a report, in exact sentences; pure."""

from collections.abc import Iterator, Mapping

from bot.domain.phrases import format_count, join_some
from bot.reports.snapshot import ReportSnapshot, SnapshotTable

MAX_SENTENCES = 12
"""Sentences that are said; the rest is counted, and the details have all of it."""


def describe_differences(before: ReportSnapshot, now: ReportSnapshot) -> list[str]:
    """Return the differences as sentences, worst first; empty when nothing has changed.

    Where an endpoint did not respond, missing rows are not called gone, and numbers are qualified. What has
    never been seen before is new.
    """
    found = [
        *_warnings(before, now),
        *_values(before, now),
        *(each for caption in _captions(before, now) for each in _section(caption, before, now)),
    ]
    more = (
        [f"And {format_count(len(found) - MAX_SENTENCES, 'more change')}."]
        if len(found) > MAX_SENTENCES
        else []
    )
    return [*found[:MAX_SENTENCES], *more]


def carry_over(before: ReportSnapshot, now: ReportSnapshot) -> ReportSnapshot:
    """Return the snapshot to store: `now`, with the rows of `before` that could not be read this time, marked
    as unseen."""
    if not now.is_partial:
        return now
    sections = dict(now.sections)
    for caption, old in before.sections.items():
        new = sections.get(caption, SnapshotTable())
        unseen = {name: row for name, row in old.rows.items() if name not in new.rows}
        if unseen and not new.is_only_counted:
            rows = {**new.rows, **unseen}
            sections[caption] = SnapshotTable(rows=rows, count=len(rows), unseen=tuple(unseen))
    return now.model_copy(update={"sections": sections})


def _captions(before: ReportSnapshot, now: ReportSnapshot) -> list[str]:
    return list(dict.fromkeys([*now.sections, *before.sections]))


def _warnings(before: ReportSnapshot, now: ReportSnapshot) -> Iterator[str]:
    yield from (f"New warning: {each}" for each in now.warnings if each not in before.warnings)
    yield from (f"No longer a warning: {each}" for each in before.warnings if each not in now.warnings)


def _values(before: ReportSnapshot, now: ReportSnapshot) -> Iterator[str]:
    for name, value in now.values.items():
        was = before.values.get(name)
        if was is None:
            yield f"{name}: {value}{_as_far(now)}, was not reported."
        elif was != value:
            yield f"{name}: {value}{_as_far(now)}, was {was}{_as_far(before)}."
    yield from (
        f"{name}: no longer reported, was {was}."
        for name, was in before.values.items()
        if name not in now.values
    )


def _as_far(content: ReportSnapshot) -> str:
    return " (incomplete)" if content.is_partial else ""


def _section(caption: str, before: ReportSnapshot, now: ReportSnapshot) -> Iterator[str]:
    old, new = before.sections.get(caption, SnapshotTable()), now.sections.get(caption, SnapshotTable())
    if old.is_only_counted or new.is_only_counted:
        if old.count != new.count:
            rows = f"{format_count(new.count, 'row')}{_as_far(now)}"
            yield f"{caption}: {rows}, was {old.count:,}{_as_far(before)}."
        return
    added = [name for name in new.rows if name not in old.rows]
    gone = [name for name in old.rows if name not in new.rows]
    if added:
        yield f"New under “{caption}”: {join_some(added)}."
    if now.is_partial:
        gone = [name for name in gone if name not in old.unseen]
    if gone:
        words = "Not seen this time" if now.is_partial else "No longer"
        yield f"{words} under “{caption}”: {join_some(gone)}."
    for name, row in new.rows.items():
        if name in old.rows and row != old.rows[name]:
            yield f"{name}: {', '.join(_cells(old.rows[name], row))}."


def _cells(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for column in dict.fromkeys([*new, *old]):
        was, value = old.get(column), new.get(column)
        if was != value:
            yield f"{column} is {value or 'not reported'}, was {was or 'not reported'}"
