"""The findings of a precheck in a cluster's databases, and what it could not read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.text_safety import visible
from migrations.precheck.database_documents import EVERY_PART, DatabaseDocument, UnreadPart

VALUE_LIMIT = 200
"""Characters of a value that are shown; PostgreSQL's own names have at most 63."""

NO_SUCH_PART = "the document does not have this part"


@dataclass(frozen=True, slots=True)
class PartItem:
    """One thing that was found. `database` is None for what concerns the whole server."""

    database: str | None
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a value in one safe line, empty where there is none."""
        value = self.values.get(name)
        return "" if value is None else visible(str(value))[:VALUE_LIMIT]

    def number(self, name: str) -> float:
        """Return a number, 0 where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, int | float) else 0


@dataclass(frozen=True, slots=True)
class PrecheckReport:
    """A precheck of a cluster, merged from all its documents."""

    document: DatabaseDocument

    def items(self, part: str) -> tuple[PartItem, ...]:
        """Return what was found in a part, of the server and of every database; at most 100 for each."""
        return tuple(
            PartItem(database, each)
            for database, found in self._found(part)
            for each in _listed(found)
            if isinstance(each, Mapping)
        )

    def count(self, part: str) -> int:
        """Return how many there are, which may be more than are listed."""
        totals = (found.get("total") for _, found in self._found(part))
        return max(len(self.items(part)), sum(each for each in totals if isinstance(each, int)))

    def unread_databases(self) -> tuple[str, ...]:
        """Return a phrase for each database that was not read at all."""
        gaps = (gap for gap in self.document.unread if gap.part == EVERY_PART)
        return tuple(f"{_place(gap.database)} was not read: {_reason(gap)}" for gap in gaps)

    def unread_part(self, part: str) -> tuple[str, ...]:
        """Return why a part could not be read, by database; empty when it was read everywhere."""
        gaps = [gap for gap in self.document.unread if gap.part == part]
        reasons = [f"{_place(gap.database)}: {_reason(gap)}" for gap in gaps]
        explained = {gap.database for gap in gaps}
        if part in self.document.parts or None in explained:
            return tuple(reasons)
        lacking = [each.name for each in self.document.databases if part not in each.parts]
        reasons += [f"{_place(name)}: {NO_SUCH_PART}" for name in lacking if name not in explained]
        return tuple(reasons) if self.document.databases else (NO_SUCH_PART,)

    def _found(self, part: str) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
        if part in self.document.parts:
            yield None, self.document.parts[part]
        for each in self.document.databases:
            if part in each.parts:
                yield each.name, each.parts[part]


def _listed(found: Mapping[str, Any]) -> list[Any]:
    items = found.get("items")
    return items if isinstance(items, list) else []


def _place(database: str | None) -> str:
    return "the server" if database is None else f"database “{visible(database)}”"


def _reason(gap: UnreadPart) -> str:
    return visible(gap.why)[:VALUE_LIMIT]
