"""The forms of an answer. Light to import."""

from enum import StrEnum


class Output(StrEnum):
    """The forms of an answer. `TABLE` and `WIDE` are text for people, `SCREEN` is what the surface shows."""

    SCREEN = "screen"
    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    CSV = "csv"
    TSV = "tsv"
    ID = "id"
    NAME = "name"

    @property
    def is_for_programs(self) -> bool:
        """Return whether it is made from the result alone, and not from what people read."""
        return self not in _FOR_PEOPLE

    @property
    def suffix(self) -> str:
        """Return the end of the name of a file with it."""
        return "txt" if self in _LINES else self.value


_FOR_PEOPLE = (Output.SCREEN, Output.TABLE, Output.WIDE)
_LINES = (Output.ID, Output.NAME)
