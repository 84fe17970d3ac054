"""Comparison of two documents of `pgbot precheck`, off-line: what differs, and what could not be compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.phrases import format_count
from bot.domain.text_safety import visible
from migrations.precheck.database_documents import EVERY_PART, CheckKind, DatabaseDocument, Parts

SHOWN = 50
"""Differences that are shown of each part; the others are counted."""

ABSENT, PRESENT = "absent", "present"

ESTIMATES = "estimated_rows"
OFFERED = "available_extensions"


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    """One key that differs, with both values; None where a side does not have it."""

    place: str
    key: str
    before: str | None
    after: str | None

    @property
    def line(self) -> str:
        """The difference in one safe line."""
        both = (ABSENT if value is None else visible(value) for value in (self.before, self.after))
        return f"  {visible(self.key)}: {' → '.join(both)}"


@dataclass(frozen=True, slots=True)
class DocumentComparison:
    """Differences in a fixed order, and the sentences on what could not be compared."""

    title: str
    differences: tuple[DocumentDifference, ...]
    unread: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The comparison in words: the result first."""
        count = format_count(len(self.differences), "difference") if self.differences else "No difference"
        gaps = f", {format_count(len(self.unread), 'part')} not compared" if self.unread else ""
        lines = [f"{count}{gaps}.", self.title]
        for place in dict.fromkeys(each.place for each in self.differences):
            here = [each.line for each in self.differences if each.place == place]
            lines += ["", visible(place), *here[:SHOWN]]
            lines += [f"  … and {len(here) - SHOWN:,} more"] if len(here) > SHOWN else []
        lines += ["", *(f"Not compared: {why}" for why in self.unread)] if self.unread else []
        return tuple(lines)


def compare_documents(before: DatabaseDocument, after: DatabaseDocument) -> DocumentComparison:
    """Compare two checks after the move; or two prechecks, where only this is compared: the extensions
    that the second server does not offer. Raises ValueError for one of each."""
    if before.kind is not after.kind:
        raise ValueError("one is a precheck, and the other a check after the move")
    if before.kind is CheckKind.PRECHECK:
        missing, gaps = _missing_extensions(before, after), _gaps_in_extensions(before, after)
        return DocumentComparison(_title(before, after), tuple(missing), tuple(gaps))
    unread = list(dict.fromkeys((*_gaps("before", before), *_gaps("after", after))))
    differences = [*_compare_parts("server", before.parts, after.parts, unread)]
    old, new = ({each.name: each.parts for each in side.databases} for side in (before, after))
    for name in sorted(old.keys() & new.keys()):
        differences += _compare_parts(f"database {name}", old[name], new[name], unread)
    skipped = {gap.database for side in (before, after) for gap in side.unread if gap.part == EVERY_PART}
    for name in sorted((old.keys() ^ new.keys()) - skipped):
        sides = (PRESENT, None) if name in old else (None, PRESENT)
        differences.append(DocumentDifference("databases that were read", name, *sides))
    return DocumentComparison(_title(before, after), tuple(differences), tuple(unread))


def _compare_parts(
    place: str, before: Parts, after: Parts, unread: list[str]
) -> Iterator[DocumentDifference]:
    for part in sorted({*before, *after} - {ESTIMATES}):
        if part not in before or part not in after:
            side = "before" if part not in before else "after"
            unread.append(visible(f"{place}, {part}: missing from the document made {side} the move"))
            continue
        old, new = before[part], after[part]
        for key in sorted({*old, *new} - _find_estimates(part, before, after)):
            if old.get(key) != new.get(key):
                yield DocumentDifference(f"{place}, {part}", key, _value(old, key), _value(new, key))


def _find_estimates(part: str, before: Parts, after: Parts) -> set[str]:
    """Return the tables where one side has only an estimate: they are listed under `unread`."""
    return {key for side in (before, after) for key in side.get(ESTIMATES, {}) if part == "rows"}


def _value(values: Mapping[str, Any], key: str) -> str | None:
    return str(values[key]) if key in values else None


def _gaps(side: str, document: DatabaseDocument) -> Iterator[str]:
    for gap in document.unread:
        place = "server" if gap.database is None else f"database {gap.database}"
        part = "" if gap.part == EVERY_PART else f", {gap.part}"
        yield visible(f"{place}{part}, {side} the move: {gap.why}")


def _missing_extensions(before: DatabaseDocument, after: DatabaseDocument) -> Iterator[DocumentDifference]:
    offered = {each.text("name") for each in after.items(OFFERED)}
    for each in before.items("extensions") if offered else ():
        if each.text("name") not in offered:
            place = f"database {each.database}, extensions"
            yield DocumentDifference(place, each.text("name"), each.text("version"), None)


def _gaps_in_extensions(before: DatabaseDocument, after: DatabaseDocument) -> Iterator[str]:
    if not after.items(OFFERED):
        yield "the second document does not list the extensions that its server offers"
    yield from before.unread_databases()
    yield from before.unread_part("extensions")


def _title(before: DatabaseDocument, after: DatabaseDocument) -> str:
    sides = (
        visible(
            f"{each.host or 'a server'} (PostgreSQL {each.server.version}, {each.read_at:%Y-%m-%d %H:%M} UTC)"
        )
        for each in (before, after)
    )
    return f"Compared {' with '.join(sides)}."
