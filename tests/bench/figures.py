"""Figures and how they are printed: measured beside the target of the design."""

import statistics
import sys
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


def show(figure: Figure) -> None:
    """Print a figure now: a run that is cut off has shown what it measured. Most lines keep the columns."""
    print(f"{figure.what:<66}  {figure.measured:<36}  {figure.target}".rstrip(), flush=True)


def progress(words: str) -> None:
    """Say on stderr what takes a while."""
    print(f"{words} …", file=sys.stderr, flush=True)
