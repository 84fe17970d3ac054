"""Adjustments on the way from v1 to v2: values left blank, and values made to fit."""

from dataclasses import dataclass

from migrations.pack.placeholders import Placeholder


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A value that v2 does not allow, and what stands in its place; `rule` is the rule that finds it."""

    what: str
    before: str
    after: str
    why: str
    rule: str


class AdjustmentLog:
    """The adjustments of one pack, in the order in which they are made."""

    def __init__(self) -> None:
        self._blanks: list[Placeholder] = []
        self._fitted: list[Adjustment] = []

    @property
    def blanks(self) -> tuple[Placeholder, ...]:
        """Return every blank so far."""
        return tuple(self._blanks)

    @property
    def fitted(self) -> tuple[Adjustment, ...]:
        """Return everything that was made to fit so far."""
        return tuple(self._fitted)

    def text(self, blank: Placeholder) -> str:
        """Leave a text blank. Return its sample for the time being."""
        self._blanks.append(blank)
        return str(blank.sample)

    def number(self, blank: Placeholder) -> int:
        """Leave a number blank. Return its sample for the time being."""
        self._blanks.append(blank)
        return int(blank.sample)

    def fit(self, fitted: Adjustment) -> None:
        """Note that a value was made to fit."""
        self._fitted.append(fitted)
