"""The columns of a table that a screen shows, out of all that its command declares; pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.domain.errors import BadArgument
from bot.domain.phrases import quote_text
from bot.domain.reply import Column, Reply, Table

ALL, DEFAULT = "all", "default"
"""What `--columns` takes in place of names: every column, and what screens show without a choice."""


def square_table(table: Table) -> Table:
    """Return the table with every row as long as the longest, and a name for every column."""
    columns = max([len(table.columns), *map(len, table.rows)])
    if len(table.columns) == columns and all(len(row) == columns for row in table.rows):
        return table
    names = (*table.columns, *(f"column {n + 1}" for n in range(len(table.columns), columns)))
    rows = tuple(row + (None,) * (columns - len(row)) for row in table.rows)
    return replace(table, columns=names, rows=rows)


def screen_table(table: Table) -> Table:
    """Return the table with the columns that a screen shows."""
    table = square_table(table)
    places = _screen_places(table)
    return table if places == list(range(len(table.columns))) else _keep(table, places)


def hidden_columns(table: Table) -> tuple[Column[Any], ...]:
    """Return the columns that a screen does not show, without warnings that no row has."""
    table = square_table(table)
    places = set(_screen_places(table))
    declared = enumerate(table.declared)
    return tuple(each for place, each in declared if place not in places and not each.warns)


def widen(reply: Reply) -> Reply:
    """Return the reply with every column of its tables on the screen."""
    return _map_tables(reply, lambda table: replace(table, shown=(ALL,)))


def prefer_columns(reply: Reply, words: Sequence[str]) -> Reply:
    """Return the reply with these columns on the screen, where its tables have them: a remembered choice."""
    if ALL in words:
        return widen(reply)
    return _map_tables(reply, lambda table: replace(table, shown=_find_names(words, table)))


def pick_columns(reply: Reply, words: Sequence[str]) -> Reply:
    """Return the reply with exactly these columns, in CSV and JSON as well.

    A table that has none of them stays as it is. Raises BadArgument for a column that no table has.
    """
    if ALL in words:
        return widen(reply)
    tables = [part for part in reply.parts if isinstance(part, Table)]
    unknown = next((word for word in words if not any(_find_names([word], each) for each in tables)), None)
    if tables and unknown is not None:
        names = ", ".join(dict.fromkeys(name for each in tables for name in _names(each)))
        raise BadArgument(
            f"There's no column “{quote_text(unknown)}” here.", f"The columns are {names}; “{ALL}” shows all."
        )
    return _map_tables(reply, lambda table: _pick(table, words))


def _find_names(words: Sequence[str], table: Table) -> tuple[str, ...]:
    """Return the keys of the table's columns that the words name, by key or label."""
    known = {word: each.name for each in table.declared for word in (each.label.casefold(), each.name)}
    return tuple(dict.fromkeys(known[word] for word in words if word in known))


def _pick(table: Table, words: Sequence[str]) -> Table:
    places = list(map(_names(table).index, _find_names(words, table)))
    return replace(_keep(square_table(table), places), shown=(ALL,)) if places else table


def _names(table: Table) -> tuple[str, ...]:
    return tuple(each.name for each in table.declared)


def _screen_places(table: Table) -> list[int]:
    declared, names = table.declared, _names(table)
    if ALL in table.shown:
        return list(range(len(declared)))
    warned = {
        place
        for place, each in enumerate(declared)
        if each.warns and any(row[place] is not None for row in table.rows)
    }
    chosen = [names.index(key) for key in table.shown if key in names]
    if chosen:
        return [*dict.fromkeys((*chosen, *sorted(warned)))]
    usual = [
        place for place, each in enumerate(declared) if (place in warned if each.warns else not each.is_wide)
    ]
    return usual or list(range(len(declared)))


def _keep(table: Table, places: Sequence[int]) -> Table:
    columns = tuple(table.columns[place] for place in places)
    rows = tuple(tuple(row[place] for place in places) for row in table.rows)
    return replace(table, columns=columns, rows=rows)


def _map_tables(reply: Reply, change: Callable[[Table], Table]) -> Reply:
    parts = tuple(change(part) if isinstance(part, Table) else part for part in reply.parts)
    return replace(reply, parts=parts)
