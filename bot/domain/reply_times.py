"""Times of a reply for one reader: each said once, in the zone of the person who asked."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.reply import Cell, Fields, Note, Part, Reply, Table, Text, Warn
from bot.domain.times import in_both, say_locally


def localize_reply(reply: Reply) -> Reply:
    """Return the reply with the times that `in_both` wrote in the asker's zone alone; code stays as it is."""
    return replace(reply, title=say_locally(reply.title), parts=tuple(map(_localize_part, reply.parts)))


def _localize_part(part: Part) -> Part:
    if isinstance(part, Text | Note | Warn):
        return replace(part, text=say_locally(part.text))
    if isinstance(part, Fields):
        return replace(part, pairs=tuple((name, _localize_cell(cell)) for name, cell in part.pairs))
    if isinstance(part, Table):
        return replace(part, rows=tuple(tuple(map(_localize_cell, row)) for row in part.rows))
    return part


def _localize_cell(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return say_locally(cell)
    if isinstance(cell, datetime) and isinstance(cell.tzinfo, ZoneInfo):
        return say_locally(in_both(cell, cell.tzinfo.key))
    return cell
