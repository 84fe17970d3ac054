"""Sparklines: numbers as a line of bars, where no chart can be drawn."""

import math
from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def draw_sparkline(values: Sequence[float]) -> str:
    """Return bars from 0 (or the minimum, if negative) to the maximum; a blank for a missing number."""
    known = [value for value in values if math.isfinite(value)]
    least, most = min([0.0, *known]), max([0.0, *known])
    height = (most / 2 - least / 2) or 1.0  # halves, since the difference of two floats can overflow
    return "".join(
        _BARS[round((value / 2 - least / 2) / height * (len(_BARS) - 1))] if math.isfinite(value) else " "
        for value in values
    )


def format_change(values: Sequence[float]) -> str:
    """Return `12 → 7`; empty for no numbers."""
    return f"{values[0]:g} → {values[-1]:g}" if values else ""
