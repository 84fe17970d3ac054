"""Figures and how they are printed: measured beside the target of the design."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the report."""

    what: str
    measured: str
    target: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(seconds: Sequence[float]) -> str:
    """Return the median and the range of some runs."""
    return f"median {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


def report(figures: Sequence[Figure]) -> str:
    """Return the figures in columns."""
    width = max(len(each.what) for each in figures)
    middle = max(len(each.measured) for each in figures)
    return "\n".join(
        f"{each.what:<{width}}  {each.measured:<{middle}}  {each.target}".rstrip() for each in figures
    )
